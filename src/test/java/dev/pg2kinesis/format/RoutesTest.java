package dev.pg2kinesis.format;

import static dev.pg2kinesis.format.Given.COMMIT;
import static dev.pg2kinesis.format.Given.TEST_DECODING;
import static dev.pg2kinesis.format.Given.cell;
import static dev.pg2kinesis.format.Given.delete;
import static dev.pg2kinesis.format.Given.insert;
import static dev.pg2kinesis.format.Given.message;
import static dev.pg2kinesis.format.Given.row;
import static dev.pg2kinesis.format.Given.table;
import static dev.pg2kinesis.format.Given.truncate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutesTest {

  private static final String ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders";

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          # setting                           | table           | stream
          public.audit_*: audit               | public.audit_1  | audit
          public.audit_*: audit               | public.orders   | default
          a*: one; a*: two                    | public.ab       | one
          public.ab: one; a*: two             | public.ab       | one
          public.ab: one; a*: two             | public.ac       | two
          public.ab: default; a*: two         | public.ab       | default
          public.a, public.b: one; c: two     | public.b        | one
          public.a, public.b: one; c: two     | public.c        | two
          'a:one;b:two;'                      | public.b        | two
          '  a  :  one  ;  b  :  two  '       | public.b        | two
          "a:b": one                          | public.a:b      | one
          "a;b": one                          | public.a;b      | one
          "a"";b": one                        | 'public.a";b'   | one
          "message": one                      | public.message  | one
          public.message: one                 | public.message  | one
          message:*: one                      | public.message  | default
          message:*: one; *: two              | public.t        | two
          """)
  void theFirstRuleThatMatchesATableDecides(String setting, String table, String stream) {
    Routes routes = Routes.parse(setting, "default");

    assertThat(routes.streams().get(routes.of(table(table)))).isEqualTo(stream);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          # setting                              | prefix      | stream
          message:orders: one                    | orders      | one
          message:orders: one                    | orders.1    | default
          message:orders*: one                   | orders.1    | one
          message:orders.*: one                  | ordersX1    | default
          message:Orders: one                    | orders      | default
          message:Orders: one                    | Orders      | one
          message:a?: one                        | ab          | one
          message:a?: one                        | a😀         | one
          message:😀*: one                       | 😀b         | one
          message:*: one                         | ''          | one
          message:"a*": one                      | a*          | one
          message:"a*": one                      | ab          | default
          message:"a:b;c, d""e": one             | 'a:b;c, d"e' | one
          message:a*: one; message:*: two        | ab          | one
          message:a*: one; message:*: two        | b           | two
          '*: two'                               | t           | default
          """)
  void theFirstRuleThatMatchesAPrefixDecides(String setting, String prefix, String stream) {
    Routes routes = Routes.parse(setting, "default");

    assertThat(routes.streams().get(routes.ofMessage(prefix))).isEqualTo(stream);
  }

  @Test
  void aStreamIsANameOrAnArnAndCountedOnce() {
    Routes routes = Routes.parse("a: one; b: " + ARN + "; c: one; message:x: " + ARN, "default");

    assertThat(routes.streams()).containsExactly("default", "one", ARN);
    assertThat(routes.rules()).extracting(Routes.Rule::stream).containsExactly(1, 2, 1, 2);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          # setting                     | says
          ;                             | rule 1: expected 'tables: stream' or 'message:prefix: stream', found ''
          public.a                      | found 'public.a'
          message:audit                 | found 'message:audit'
          message: one                  | found 'message: one'
          a:                            | expected a stream's name
          : one                         | expected a name or a pattern such as *
          a: one two                    | found 'one two'
          a: s/1                        | found 's/1'
          a:one,b:two                   | ';' before the next rule, found 'one,b:two'
          message:a:one,message:b:two   | found 'one,message:b:two'
          a: arn:aws:sqs:eu:1:stream/x  | expected a stream's name
          message: arn:aws:kinesis:eu-west-1:1:stream/x | found 'aws:kinesis:eu-west-1:1:stream/x'
          message:: one                 | expected a pattern for prefixes
          a b: one                      | expected a comma, or double quotes
          a.b.c: one                    | at most schema.table
          "a: one                       | found '"a: one'
          message:a b: one              | double quotes around ' '
          message:a,b: one              | double quotes around ','
          """)
  void whatARuleLacksIsSaid(String setting, String says) {
    assertThatThrownBy(() -> Routes.parse(setting, "default"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("rule 1: ")
        .hasMessageContaining(says);
  }

  @Test
  void everyRuleThatIsWrongIsNamed() {
    assertThatThrownBy(() -> Routes.parse("a; b: one; c: ?; message:d", "default"))
        .hasMessageContaining("rule 1: ")
        .hasMessageContaining("rule 3: ")
        .hasMessageContaining("rule 4: ");
  }

  @Test
  void streamsAreLimited() {
    String most = IntStream.range(1, 16).mapToObj(i -> "t: s" + i).collect(Collectors.joining(";"));

    assertThat(Routes.parse(most, "default").streams()).hasSize(Routes.MAX_STREAMS);
    assertThatThrownBy(() -> Routes.parse(most + "; t: more", "default"))
        .hasMessage("expected at most 16 streams, the default stream included, found 17");
  }

  @Test
  void everyKindOfChangeIsRouted() {
    Row old = row(cell("id", "integer", "1"));
    Row one = row(cell("id", "integer", "2"), cell("v", "text", "x"));
    RecordMaker records = records("public.a: one; message:m*: two", List.of(1000, 1000, 1000));
    List<StreamRecord> made = new ArrayList<>();
    RecordMaker.Transaction transaction = records.begin(COMMIT);
    for (Change change :
        List.of(
            insert("public.a", "id", one),
            insert("public.b", "id", one),
            Given.update("public.a", "id", old, one), // changes the key: two records
            delete("public.a", "id", old),
            truncate("public.a"),
            truncate("public.b"),
            message("m1", "x"),
            message("n1", "x"))) {
      transaction.accept(change, made::add);
    }
    made.add(records.read(COMMIT, insert("public.a", "id", one)));
    made.add(records.read(COMMIT, insert("public.b", "id", one)));

    assertThat(made)
        .extracting(StreamRecord::stream)
        .containsExactly(1, 0, 1, 1, 1, 1, 0, 2, 0, 1, 0);
  }

  @Test
  void eachStreamHasItsOwnLimitForRecords() {
    Row big = row(cell("id", "integer", "1"), cell("v", "text", "secret".repeat(200)));
    List<StreamRecord> made = new ArrayList<>();
    RecordMaker marks = records("public.a: one", List.of(5000, 1000));
    marks.begin(COMMIT).accept(insert("public.b", "id", big), made::add);
    assertThat(marks.oversized()).isZero();
    marks.begin(COMMIT).accept(insert("public.a", "id", big), made::add);
    assertThat(marks.oversized()).isOne();
    assertThat(made).extracting(StreamRecord::stream).containsExactly(0, 1);

    RecordMaker fails =
        new RecordMaker(
            new RecordMaker.Plan(
                Format.DEBEZIUM.formatter(TEST_DECODING),
                PartitionKey.PRIMARY_KEY,
                ChangeFilter.ALL,
                Oversize.FAIL,
                new Destinations(Routes.parse("public.a: one", "default"), List.of(5000, 1000)),
                "slot_a",
                Outbox.NONE,
                false));
    assertThatThrownBy(() -> fails.begin(COMMIT).accept(insert("public.a", "id", big), made::add))
        .isInstanceOf(OversizeException.class)
        .hasMessageContaining("and the stream one takes 1000.");
  }

  private static RecordMaker records(String routes, List<Integer> limits) {
    return new RecordMaker(
        new RecordMaker.Plan(
            Format.DEBEZIUM.formatter(TEST_DECODING),
            PartitionKey.PRIMARY_KEY,
            ChangeFilter.ALL,
            Oversize.MARKER,
            new Destinations(Routes.parse(routes, "default"), limits),
            "slot_a",
            Outbox.NONE,
            false));
  }
}
