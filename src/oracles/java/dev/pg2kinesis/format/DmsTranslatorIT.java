package dev.pg2kinesis.format;

import static dev.pg2kinesis.format.Given.cell;
import static dev.pg2kinesis.format.Given.delete;
import static dev.pg2kinesis.format.Given.insert;
import static dev.pg2kinesis.format.Given.row;
import static dev.pg2kinesis.format.Given.update;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Value;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A translator that others wrote for the records of AWS DMS, CrateDB's commons-codec, reads the dms
 * format.
 */
class DmsTranslatorIT {

  private static final int PATIENCE_SECONDS = 120;

  @Test
  void aTranslatorForDmsReadsEveryKindOfChange() throws Exception {
    List<Change> changes =
        List.of(
            insert(
                "public.t",
                "id",
                row(
                    cell("id", "bigint", "9007199254740993"),
                    cell("n", "numeric", "1.10"),
                    cell("v", "text", "é\n\"😀"),
                    cell("x", "text", Value.NULL))),
            update(
                "public.t",
                "id",
                null,
                row(cell("id", "bigint", "1"), cell("v", "text", "b"), cell("ok", "boolean", "t"))),
            delete("public.t", "id", row(cell("id", "bigint", "1"))));
    StringBuilder records = new StringBuilder();
    for (Change change : changes) {
      records
          .append(Given.formatted(Format.DMS.formatter(Given.TEST_DECODING), change))
          .append('\n');
    }

    assertThat(translated(records.toString()).lines())
        .containsExactly(
            "[\"INSERT INTO public.t (\\\"id\\\", \\\"n\\\", \\\"v\\\") VALUES (:id, :n, :v)"
                + " ON CONFLICT DO NOTHING;\","
                + " {\"id\": 9007199254740993, \"n\": 1.1, \"v\": \"é\\n\\\"😀\"}]",
            "[\"UPDATE public.t SET v=:v, ok=:ok WHERE id=:id;\","
                + " {\"v\": \"b\", \"ok\": \"true\", \"id\": 1}]",
            "[\"DELETE FROM public.t WHERE id=:id;\", {\"id\": 1}]");
  }

  private static String translated(String records) throws IOException, InterruptedException {
    String python =
        output("", List.of(".ci/venv", "dms", "commons-codec==0.0.24")).strip() + "/bin/python";
    return output(records, List.of(python, "src/oracles/python/dms_translator.py"));
  }

  private static String output(String input, List<String> command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assumeTrue(process.exitValue() != 3, "no Python, or no package index: see .ci/venv");
    assertThat(process.exitValue()).isZero();
    return output;
  }
}
