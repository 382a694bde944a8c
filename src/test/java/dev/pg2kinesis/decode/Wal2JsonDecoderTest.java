package dev.pg2kinesis.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.TableName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Both format versions: each change is given in the one and in the other. */
class Wal2JsonDecoderTest {

  private static final Lsn LSN = Lsn.parse("FFFFFFFF/B374D848");
  private static final String TIME = "\"timestamp\":\"2026-01-31 12:34:56.789+00\"";

  private static final List<Column> ABC =
      List.of(new Column("a", "integer"), new Column("b", "text"), new Column("c", "text"));

  private static final Catalog CATALOG =
      new Catalog(
          Map.of(
              new TableName("public", "t"),
              new Catalog.Table(List.of("a"), false, ABC),
              new TableName("public", "text_key"),
              new Catalog.Table(
                  List.of("a"),
                  false,
                  List.of(
                      new Column("a", "text"), new Column("b", "text"), new Column("c", "text"))),
              new TableName("public", "whole"),
              new Catalog.Table(List.of(), true, ABC),
              new TableName("public", "virtual"),
              new Catalog.Table(List.of("a"), false, ABC, List.of("v"))),
          Map.of());

  /** id, table, action, members of version 2, members of version 1, change. */
  static Stream<Arguments> changes() {
    return Stream.of(
        arguments(
            "insert",
            "t",
            "I",
            ",'columns':[{'name':'a','type':'integer','value':1},{'name':'b','type':'text','value':null}],'pk':[{'name':'a','type':'integer'}]",
            "'columnnames':['a','b'],'columntypes':['integer','text'],'columnvalues':[1,null]",
            "INSERT public.t [a] - -> {a[integer]=«1», b[text]=NULL}"),
        arguments(
            "row without columns",
            "t",
            "I",
            ",'columns':[],'pk':[]",
            "'columnnames':[],'columntypes':[],'columnvalues':[]",
            "INSERT public.t [a] - -> {}"),
        arguments(
            "update that keeps the key",
            "t",
            "U",
            ",'columns':[{'name':'a','type':'integer','value':1},{'name':'b','type':'text','value':'x'},{'name':'c','type':'text','value':'y'}],'identity':[{'name':'a','type':'integer','value':1}],'pk':[]",
            "'columnnames':['a','b','c'],'columntypes':['integer','text','text'],'columnvalues':[1,'x','y'],'oldkeys':{'keynames':['a'],'keytypes':['integer'],'keyvalues':[1]}",
            "UPDATE public.t [a] - -> {a[integer]=«1», b[text]=«x», c[text]=«y»}"),
        arguments(
            "update of the key",
            "t",
            "U",
            ",'columns':[{'name':'a','type':'integer','value':2},{'name':'b','type':'text','value':'x'},{'name':'c','type':'text','value':'y'}],'identity':[{'name':'a','type':'integer','value':1}],'pk':[]",
            "'columnnames':['a','b','c'],'columntypes':['integer','text','text'],'columnvalues':[2,'x','y'],'oldkeys':{'keynames':['a'],'keytypes':['integer'],'keyvalues':[1]}",
            "UPDATE public.t [a] {a[integer]=«1»} -> {a[integer]=«2», b[text]=«x», c[text]=«y»}"),
        arguments(
            "unchanged TOAST is left out",
            "t",
            "U",
            ",'columns':[{'name':'a','type':'integer','value':1},{'name':'c','type':'text','value':'y'}],'identity':[{'name':'a','type':'integer','value':1}],'pk':[]",
            "'columnnames':['a','c'],'columntypes':['integer','text'],'columnvalues':[1,'y'],'oldkeys':{'keynames':['a'],'keytypes':['integer'],'keyvalues':[1]}",
            "UPDATE public.t [a] - -> {a[integer]=«1», b[text]=UNCHANGED, c[text]=«y»}"),
        arguments(
            "unchanged TOAST in the key",
            "text_key",
            "U",
            ",'columns':[{'name':'b','type':'text','value':'x'},{'name':'c','type':'text','value':'y'}],'identity':[{'name':'a','type':'text','value':'k'}],'pk':[]",
            "'columnnames':['b','c'],'columntypes':['text','text'],'columnvalues':['x','y'],'oldkeys':{'keynames':['a'],'keytypes':['text'],'keyvalues':['k']}",
            "UPDATE public.text_key [a] {a[text]=«k»} -> {a[text]=UNCHANGED, b[text]=«x», c[text]=«y»}"),
        arguments(
            "a column that cannot be TOASTed was added since",
            "t",
            "U",
            ",'columns':[{'name':'b','type':'text','value':'x'},{'name':'c','type':'text','value':'y'}],'pk':[]",
            "'columnnames':['b','c'],'columntypes':['text','text'],'columnvalues':['x','y']",
            "UPDATE public.t [a] - -> {b[text]=«x», c[text]=«y»}"),
        arguments(
            "a column that the table has no more",
            "t",
            "U",
            ",'columns':[{'name':'a','type':'integer','value':1},{'name':'old','type':'text','value':'x'}],'pk':[]",
            "'columnnames':['a','old'],'columntypes':['integer','text'],'columnvalues':[1,'x']",
            "UPDATE public.t [a] - -> {a[integer]=«1», old[text]=«x»}"),
        arguments(
            "delete",
            "t",
            "D",
            ",'identity':[{'name':'a','type':'integer','value':1}],'pk':[{'name':'a','type':'integer'}]",
            "'oldkeys':{'keynames':['a'],'keytypes':['integer'],'keyvalues':[1]}",
            "DELETE public.t [a] {a[integer]=«1»} -> -"),
        arguments(
            "whole old row",
            "whole",
            "U",
            ",'columns':[{'name':'a','type':'integer','value':1},{'name':'b','type':'text','value':'x'},{'name':'c','type':'text','value':null}],'identity':[{'name':'a','type':'integer','value':1},{'name':'b','type':'text','value':null},{'name':'c','type':'text','value':null}],'pk':[]",
            "'columnnames':['a','b','c'],'columntypes':['integer','text','text'],'columnvalues':[1,'x',null],'oldkeys':{'keynames':['a'],'keytypes':['integer'],'keyvalues':[1]}",
            "UPDATE public.whole [] {a[integer]=«1», b[text]=NULL, c[text]=NULL} -> {a[integer]=«1», b[text]=«x», c[text]=NULL}"),
        arguments(
            "whole old row that did not change",
            "whole",
            "U",
            ",'columns':[{'name':'a','type':'integer','value':1},{'name':'b','type':'text','value':null},{'name':'c','type':'text','value':null}],'identity':[{'name':'a','type':'integer','value':1},{'name':'b','type':'text','value':null},{'name':'c','type':'text','value':null}],'pk':[]",
            "'columnnames':['a','b','c'],'columntypes':['integer','text','text'],'columnvalues':[1,null,null],'oldkeys':{'keynames':['a'],'keytypes':['integer'],'keyvalues':[1]}",
            "UPDATE public.whole [] {a[integer]=«1», b[text]=NULL, c[text]=NULL} -> {a[integer]=«1», b[text]=NULL, c[text]=NULL}"),
        arguments(
            "whole deleted row",
            "whole",
            "D",
            ",'identity':[{'name':'a','type':'integer','value':null},{'name':'b','type':'text','value':'x'},{'name':'c','type':'text','value':null}],'pk':[]",
            "'oldkeys':{'keynames':['b'],'keytypes':['text'],'keyvalues':['x']}",
            "DELETE public.whole [] {a[integer]=NULL, b[text]=«x», c[text]=NULL} -> -"),
        arguments(
            "virtual columns are not in the WAL",
            "virtual",
            "I",
            ",'columns':[{'name':'a','type':'integer','value':1},{'name':'v','type':'integer','value':null},{'name':'b','type':'text','value':'x'}],'pk':[]",
            "'columnnames':['a','v','b'],'columntypes':['integer','integer','text'],'columnvalues':[1,null,'x']",
            "INSERT public.virtual [a] - -> {a[integer]=«1», b[text]=«x»}"),
        arguments(
            "names and escapes",
            "Odd \\\"t\\\" \\\\",
            "I",
            ",'columns':[{'name':'q\\\"','type':'text','value':'a\\\"b\\\\c\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u00e9\\u20ac é 🐘'}],'pk':[]",
            "'columnnames':['q\\\"'],'columntypes':['text'],'columnvalues':['a\\\"b\\\\c\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u00e9\\u20ac é 🐘']",
            "INSERT public.Odd \"t\" \\ [] - -> {q\"[text]=«a\"b\\c/\b\f␊␍␉\u0001\u001fé€ é 🐘»}"),
        arguments(
            "values",
            "t",
            "I",
            ",'columns':[{'name':'a','type':'numeric(100,2)','value':1.50},{'name':'b','type':'double precision','value':-1e-07},{'name':'c','type':'boolean','value':true},{'name':'d','type':'boolean','value':false},{'name':'e','type':'bytea','value':'00ff'},{'name':'f','type':'bytea','value':''},{'name':'g','type':'bit(3)','value':'101'},{'name':'h','type':'numeric','value':'NaN'}],'pk':[]",
            "'columnnames':['a','b','c','d','e','f','g','h'],'columntypes':['numeric(100,2)','double precision','boolean','boolean','bytea','bytea','bit(3)','numeric'],'columnvalues':[1.50,-1e-07,true,false,'00ff','','101','NaN']",
            "INSERT public.t [a] - -> {a[numeric]=«1.50», b[double precision]=«-1e-07», c[boolean]=«t», d[boolean]=«f», e[bytea]=«\\x00ff», f[bytea]=«\\x», g[bit]=«101», h[numeric]=«NaN»}"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void readsVersion2(
      String id, String table, String action, String members, String members1, String expected) {
    String row =
        "{\"action\":\""
            + action
            + "\","
            + TIME
            + ",\"schema\":\"public\",\"table\":\""
            + table
            + "\""
            + json(members)
            + "}";

    assertThat(text(decode(new Wal2JsonDecoder(CATALOG), row))).isEqualTo(expected);
    Decoder decoder = new Wal2JsonDecoder(CATALOG);
    decode(decoder, row);
    assertThat(text(decode(decoder, row))).as("again, what is known by now").isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void readsVersion1(
      String id, String table, String action, String members2, String members, String expected) {
    String kind = Map.of("I", "insert", "U", "update", "D", "delete").get(action);
    String change =
        "{\"kind\":\""
            + kind
            + "\",\"schema\":\"public\",\"table\":\""
            + table
            + "\","
            + json(members)
            + "}";
    String row = "{" + TIME + ",\"change\":[" + change + "," + change + "]}";

    assertThat(text(decode(new Wal2JsonV1Decoder(CATALOG), row)))
        .isEqualTo(expected + ", " + expected);
  }

  /** A type as wal2json prints it, in JSON or not, and as it is without its modifier. */
  static Stream<Arguments> types() {
    return Stream.of(
        arguments("\"integer\"", "integer"),
        arguments("\"character varying(3)\"", "character varying"),
        arguments("\"character varying(3)[]\"", "character varying[]"),
        arguments("\"character(4)\"", "character"),
        arguments("\"bpchar\"", "character"),
        arguments("\"bpchar[]\"", "character[]"),
        arguments("\"char\"", "\"char\""),
        arguments("\"\\\"char\\\"[]\"", "\"char\"[]"),
        arguments("\"char\"[]", "\"char\"[]"),
        arguments("\"bit(1)\"", "bit"),
        arguments("\"bit\"", "bit"),
        arguments("\"\\\"bit\\\"[]\"", "bit[]"),
        arguments("\"bit varying(5)\"", "bit varying"),
        arguments("\"numeric(10,2)\"", "numeric"),
        arguments("\"numeric(5,-1)[]\"", "numeric[]"),
        arguments("\"time(3) without time zone\"", "time without time zone"),
        arguments("\"timestamp(3) with time zone[]\"", "timestamp with time zone[]"),
        arguments("\"interval\"", "interval"),
        arguments("\"interval(3)\"", "interval"),
        arguments("\"interval year to month\"", "interval"),
        arguments("\"interval day to second(2)[]\"", "interval[]"),
        arguments("\"public.mood\"", "public.mood"),
        arguments("\"public.intervals\"", "public.intervals"),
        arguments("\"public.\\\"interval\\\"\"", "public.\"interval\""),
        arguments("\"public.\\\"Odd (1)\\\"\"", "public.\"Odd (1)\""),
        arguments("\"public.\\\"Odd (1)\\\"(2)[]\"", "public.\"Odd (1)\"[]"),
        arguments("\"public.geometry(Point,4326)\"", "public.geometry"),
        arguments("\"Odd S\".mood", "\"Odd S\".mood"),
        arguments("\"Odd S\".mood(1,2)", "\"Odd S\".mood"),
        arguments("\"Odd S\".mood[]", "\"Odd S\".mood[]"),
        arguments("\"Odd \"\" S\".\"a \"\",\"", "\"Odd \"\" S\".\"a \"\",\""),
        arguments("\"\\\"Odd S\\\".mood[]\"", "\"Odd S\".mood[]"));
  }

  @ParameterizedTest
  @MethodSource("types")
  void takesModifiersOffTypes(String printed, String expected) {
    String change = "INSERT public.new [] - -> {a[" + expected + "]=NULL}";

    assertThat(
            text(
                decode(
                    new Wal2JsonDecoder(CATALOG),
                    "{\"action\":\"I\","
                        + TIME
                        + ",\"schema\":\"public\",\"table\":\"new\","
                        + "\"columns\":[{\"name\":\"a\",\"type\":"
                        + printed
                        + ",\"value\":null}],\"pk\":[]}")))
        .isEqualTo(change);
    assertThat(
            text(
                decode(
                    new Wal2JsonV1Decoder(CATALOG),
                    "{"
                        + TIME
                        + ",\"change\":[{\"kind\":\"insert\",\"schema\":\"public\","
                        + "\"table\":\"new\",\"columnnames\":[\"a\"],\"columntypes\":["
                        + printed
                        + "],\"columnvalues\":[null]}]}")))
        .isEqualTo(change);
  }

  /** What else there is: version 1 or 2, row, changes, commit. */
  static Stream<Arguments> others() {
    String commit = "7 FFFFFFFF/B374D848 2026-01-31T12:34:56.789Z";
    String alone = "7 FFFFFFFF/B374D848 null";
    return Stream.of(
        arguments(2, "{'action':'B',TIME}", "", "-"),
        arguments(2, "{'action':'C',TIME}", "", commit),
        arguments(2, "{'action':'T',TIME,'schema':'public','table':'t'}", "TRUNCATE public.t", "-"),
        arguments(
            2,
            "{'action':'M',TIME,'transactional':true,'prefix':'p\\\"','content':'a\\nb'}",
            "MESSAGE in its transaction «p\"» «a␊b»",
            "-"),
        arguments(
            2,
            "{'action':'M','timestamp':null,'transactional':false,'prefix':'','content':''}",
            "MESSAGE alone «» «»",
            alone),
        arguments(
            2,
            "{'action':'I',TIME,'schema':'public','table':'gone','columns':[],"
                + "'pk':[{'name':'x','type':'char'},{'name':'y','type':'Odd S'.mood}]}",
            "INSERT public.gone [x, y] - -> {}",
            "-"),
        arguments(
            2,
            "{'action':'D',TIME,'schema':'public','table':'t','pk':[]}",
            "DELETE public.t [a] {} -> -",
            "-"),
        arguments(1, "{TIME,'change':[]}", "", commit),
        arguments(
            1,
            "{TIME,'change':[{'kind':'message','transactional':true,'prefix':'p','content':'x'}]}",
            "MESSAGE in its transaction «p» «x»",
            commit),
        arguments(
            1,
            "{'change':[,{'kind':'message','transactional':false,'prefix':'p','content':'x'}]}",
            "MESSAGE alone «p» «x»",
            alone),
        arguments(
            1,
            "{'change':[{'kind':'message','transactional':false,'prefix':'p','content':'x'}]}",
            "MESSAGE alone «p» «x»",
            alone));
  }

  @ParameterizedTest
  @MethodSource("others")
  void readsWhatIsNotARow(int version, String row, String expected, String expectedCommit) {
    Decoder decoder = decoder(version);
    String bytes = json(row).replace("TIME", TIME);
    Commit commit = commits(version).commitOf(row(bytes));

    assertThat(text(decode(decoder, bytes))).isEqualTo(expected);
    assertThat(commit == null ? "-" : commit.xid() + " " + commit.lsn() + " " + commit.time())
        .isEqualTo(expectedCommit);
  }

  /** What is refused: version, row, what was expected, and at which byte. */
  static Stream<Arguments> malformed() {
    String head = "{'action':'I',TIME,'schema':'s','table':'t','columns':[";
    return Stream.of(
        arguments(2, "", "'{\"action\":\"'", 0),
        arguments(2, "[]", "'{\"action\":\"'", 0),
        arguments(2, "{'action':'X'}", "one of the actions", 11),
        arguments(2, "{'action':'B','xid':1}", "'\",\"timestamp\":'", 12),
        arguments(2, "{'action':'B',TIME", "'}'", 54),
        arguments(2, "{'action':'B',TIME}}", "the end of the row", 55),
        arguments(2, "{'action':'I',TIME,'schema':'s','table':'t'}", "',\"columns\":['", 79),
        arguments(2, head + "{'name':'a','type':'text','value':x}", "a value in quotes", 125),
        arguments(2, head + "{'name':'a','type':'text','value':'x", "a value in quotes", 126),
        arguments(2, head + "{'name':'a','type':'text','value':'\\", "an escape", 126),
        arguments(2, head + "{'name':'a','type':'text','value':'\\x'}", "an escape", 126),
        arguments(2, head + "{'name':'a','type':'text','value':'\\u00g0'}", "an escape", 126),
        arguments(2, head + "{'name':'a','type':'text','value':'\\ud800'}", "an escape", 126),
        arguments(2, head + "{'name':'a','type':'integer','value':x}", "a number", 128),
        arguments(2, head + "{'name':'a','type':'boolean','value':x}", "true or false", 128),
        arguments(2, head + "{'name':'a','type':'integer','value':1 }", "'}'", 129),
        arguments(1, "", "'{\"timestamp\":'", 0),
        arguments(1, "{TIME}", "',\"change\":['", 41),
        arguments(1, "{TIME,'change':[{'kind':'x'}]}", "'message\"", 61),
        arguments(1, "{TIME,'change':[", "']}'", 52),
        arguments(
            1,
            "{TIME,'change':[{'kind':'insert','schema':'s','table':'t','columnnames':['a'],"
                + "'columntypes':[],'columnvalues':[]}]}",
            "as many types as names",
            129),
        arguments(
            1,
            "{TIME,'change':[{'kind':'insert','schema':'s','table':'t','columnnames':['a'],"
                + "'columntypes':['text'],'columnvalues':[]}]}",
            "a value in quotes",
            153));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void refuses(int version, String row, String expected, int offset) {
    assertThatThrownBy(() -> decode(decoder(version), json(row).replace("TIME", TIME)))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("wal2json row at " + LSN)
        .hasMessageContaining("expected " + expected)
        .hasMessageContaining(" at byte " + offset + ".");
  }

  @ParameterizedTest
  @MethodSource("malformedCommits")
  void refusesAnEndThatCannotBeRead(int version, String row) {
    assertThatThrownBy(() -> commits(version).commitOf(row(json(row))))
        .isInstanceOf(DecodeException.class);
  }

  static Stream<Arguments> malformedCommits() {
    return Stream.of(
        arguments(2, "{'action':'C'}"),
        arguments(2, "{'action':'C','timestamp':null}"),
        arguments(2, "{'actio'  'C','timestamp':'2026-01-31 12:34:56+00'}"),
        arguments(2, "{'action':'C','timestamp':'2026-01-31 12:34:56+00'} "),
        arguments(2, "{'action':'M','timestamp':null,'transactional':no}"),
        arguments(1, ""),
        arguments(1, "{'timestamp':'2026-01-31 12:34:56+00'}"),
        arguments(1, "{'timestamp':'yesterday','change':[]}"));
  }

  private static Decoder decoder(int version) {
    return Decoders.of(plugin(version), CATALOG);
  }

  private static CommitReader commits(int version) {
    return Decoders.commitReader(plugin(version));
  }

  private static Plugin plugin(int version) {
    return version == 1 ? Plugin.WAL2JSON_V1 : Plugin.WAL2JSON;
  }

  /** JSON with its quotes written as apostrophes. */
  private static String json(String text) {
    return text.replace('\'', '"');
  }

  private static List<Change> decode(Decoder decoder, String row) {
    List<Change> changes = new ArrayList<>();
    decoder.decode(row(row), changes::add);
    assertThat(changes).allSatisfy(change -> assertThat(change.lsn()).isEqualTo(LSN));
    return changes;
  }

  private static RawRow row(String text) {
    return new RawRow(LSN, 7, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(List<Change> changes) {
    return changes.stream().map(ChangeText::of).collect(Collectors.joining(", "));
  }
}
