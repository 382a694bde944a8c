package dev.pg2kinesis.scripts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An AWS CLI whose answers the test writes. Each operation gives its answers one after the other,
 * and the last one for ever; an operation without an answer fails. Every call is kept.
 */
final class StubAws {

  /** What the AWS CLI prints when Lambda has no concurrency left. */
  static final String THROTTLED =
      "An error occurred (TooManyRequestsException) when calling the Invoke operation (reached max"
          + " retries: 0): Rate Exceeded.";

  /** The exit status of the AWS CLI after an error of the service. */
  static final int SERVICE_ERROR = 254;

  private static final String PROGRAM =
      """
      #!/usr/bin/env bash
      set -eu
      folder=$(dirname "$0")
      operation=$1-$2
      line=""
      for argument; do
        case "$argument" in
          fileb://*) argument=$(cat "${argument#fileb://}") ;;
          file://*) argument=$(cat "${argument#file://}") ;;
          "${TMPDIR:-/tmp}"/*) argument=FILE ;;
        esac
        line="$line $argument"
      done
      echo "${line# }" | tr -s '\\n ' "  " >>"$folder/calls"
      echo >>"$folder/calls"
      n=0
      while [ -e "$folder/$operation.$n.used" ] && [ -e "$folder/$operation.$((n + 1)).status" ]; do
        n=$((n + 1))
      done
      answer=$folder/$operation.$n
      [ -e "$answer.status" ] || { echo "no answer for $line" >&2; exit 99; }
      : >"$answer.used"
      for last; do :; done
      [ ! -e "$answer.file" ] || cat "$answer.file" >"$last"
      cat "$answer.out"
      cat "$answer.err" >&2
      exit "$(cat "$answer.status")"
      """;

  private final Path folder;
  private final Map<String, Integer> answers = new HashMap<>();

  /** Puts the program {@code aws} into a folder. */
  StubAws(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Script.program(folder, "aws", PROGRAM);
  }

  Path folder() {
    return folder;
  }

  /** The next invocation of the function gives this result. */
  StubAws result(String json) {
    write(next("lambda-invoke"), 0, "{\"StatusCode\":200}", "", json);
    return this;
  }

  /** The next invocation of the function ends with this error of the function. */
  StubAws functionError(String json) {
    write(
        next("lambda-invoke"), 0, "{\"StatusCode\":200,\"FunctionError\":\"Unhandled\"}", "", json);
    return this;
  }

  /** The next invocation of the function is refused by Lambda or the network. */
  StubAws notInvoked(int status, String error) {
    write(next("lambda-invoke"), status, "", error, "");
    return this;
  }

  /** The next call of an operation, {@code "scheduler get-schedule"} for example, prints this. */
  StubAws prints(String operation, String text) {
    write(next(operation.replace(' ', '-')), 0, text, "", null);
    return this;
  }

  /** The next call of an operation fails with this error. */
  StubAws fails(String operation, String error) {
    write(next(operation.replace(' ', '-')), SERVICE_ERROR, "", error, null);
    return this;
  }

  private String next(String operation) {
    return operation + "." + (answers.merge(operation, 1, Integer::sum) - 1);
  }

  private void write(String answer, int status, String out, String err, @Nullable String file) {
    try {
      Files.writeString(folder.resolve(answer + ".status"), Integer.toString(status));
      Files.writeString(folder.resolve(answer + ".out"), out.isEmpty() ? "" : out + "\n");
      Files.writeString(folder.resolve(answer + ".err"), err.isEmpty() ? "" : err + "\n");
      if (file != null) {
        Files.writeString(folder.resolve(answer + ".file"), file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All calls up to now: arguments with a space between, files replaced by what they hold. */
  List<String> calls() {
    try {
      Path calls = folder.resolve("calls");
      return Files.exists(calls)
          ? Files.readAllLines(calls).stream().map(String::strip).toList()
          : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
