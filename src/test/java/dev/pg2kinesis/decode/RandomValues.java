package dev.pg2kinesis.decode;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Literals of random values for columns of PostgreSQL's types, the hostile ones often. */
final class RandomValues {

  /** A source of literals. */
  interface Literals {
    String next(RandomGenerator random);
  }

  /**
   * What {@link #types} needs: user-defined types of the schema public, a domain over each type.
   */
  static List<String> userTypes(int major) {
    List<String> sql = new ArrayList<>(USER_TYPES);
    domains(major).forEach((domain, base) -> sql.add("CREATE DOMAIN " + domain + " AS " + base));
    return sql;
  }

  /** Renames and moves of every kind of user-defined type. */
  static List<String> migrations(int major) {
    List<String> sql =
        new ArrayList<>(
            List.of(
                "CREATE SCHEMA \"Moved, to\"",
                "ALTER TYPE public.mood RENAME TO \"Feel ing\"",
                "ALTER TYPE public.\"Odd Type\" SET SCHEMA \"Moved, to\"",
                "ALTER TYPE public.floats RENAME TO reals",
                "ALTER TABLE public.\"Row T\" RENAME TO other"));
    List<String> domains = new ArrayList<>(domains(major).keySet());
    domains.addAll(List.of("public.posint", "public.flag", "public.moods"));
    for (int i = 0; i < domains.size(); i++) {
      sql.add(
          "ALTER DOMAIN "
              + domains.get(i)
              + (i % 2 == 0 ? " RENAME TO renamed_" + i : " SET SCHEMA \"Moved, to\""));
    }
    return sql;
  }

  /** Domains over the scalar types, a domain and an array, with what they are over. */
  private static Map<String, String> domains(int major) {
    Map<String, String> domains = new TreeMap<>();
    List<String> bases = new ArrayList<>(scalars().keySet());
    bases.addAll(List.of("public.mood", "public.posint", "public.\"Odd Type\"", "box[]", "text[]"));
    if (major >= 14) {
      bases.add("int4multirange");
    }
    for (String base : bases) {
      domains.put("public.\"d of " + base.replace("\"", "'") + '"', base);
    }
    return domains;
  }

  private static final List<String> USER_TYPES =
      List.of(
          "CREATE TYPE public.mood AS ENUM ('sad', 'so-so, \"or\" not', 'it''s', '', 'null', '{')",
          "CREATE DOMAIN public.posint AS int CHECK (value > 0)",
          "CREATE DOMAIN public.label AS varchar(40)",
          "CREATE DOMAIN public.flag AS boolean",
          "CREATE DOMAIN public.bits AS bit varying(40)",
          "CREATE DOMAIN public.moods AS public.mood[]",
          "CREATE TYPE public.\"Odd Type\" AS (a int, \"b c\" text, d public.mood)",
          "CREATE TYPE public.floats AS RANGE (subtype = float8)",
          "CREATE TABLE public.\"Row T\" (a int, b text, c public.mood)");

  private static final List<String> MOODS =
      List.of("sad", "so-so, \"or\" not", "it's", "", "null", "{");

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "null",
          "NULL",
          "'null'",
          "unchanged-toast-datum",
          "BEGIN 1",
          "COMMIT 1",
          "table public.t: INSERT: id[integer]:1",
          "{\"action\":\"I\"}",
          "\\",
          "\\x00",
          "'",
          "''",
          "\"",
          "a[integer]:1 b[text]:'x'",
          "\n",
          "\r\n",
          "line one\nCOMMIT 5 (at 2020-01-01 00:00:00+00)\nline three");

  private static final String ALPHABET =
      "abcXYZ019 ''''\"\"\\\\,;:()[]{}<>&%$#@!|/~`^*+=-_.?\n\r\t\b\u0001\u001f\u007f\u0085\u00a0"
          + "äßñçéÿ\u0301\u200b\u2028\u2029€漢字אبहि\ufeff\ufffd\uffff";

  private static final String[] BEYOND = {"😀", "𝒳", "\udbff\udfff", "🏳️‍🌈"};

  private RandomValues() {}

  /** Types as SQL declares them and their literals; also arrays of each. */
  static Map<String, Literals> types(int major) {
    Map<String, Literals> types = scalars();
    types.put("public.mood", random -> pick(random, MOODS));
    types.put("public.posint", random -> String.valueOf(1 + random.nextInt(Integer.MAX_VALUE - 1)));
    types.put("public.label", random -> text(random, 40));
    types.put("public.flag", random -> random.nextBoolean() ? "t" : "f");
    types.put("public.bits", random -> bits(random, random.nextInt(41)));
    types.put("public.moods", array(random -> pick(random, MOODS), ","));
    types.put("public.\"Odd Type\"", RandomValues::composite);
    types.put("public.floats", range(RandomValues::number));
    if (major >= 14) {
      types.put("int4multirange", multirange(range(random -> String.valueOf(random.nextInt()))));
      types.put("datemultirange", multirange(range(RandomValues::date)));
      types.put("nummultirange", multirange(range(RandomValues::number)));
    }
    types.put("public.\"Row T\"", RandomValues::composite);
    Map<String, String> domains = domains(major);
    domains.forEach(
        (domain, base) -> {
          boolean ofArray = base.endsWith("[]");
          String element = ofArray ? base.substring(0, base.length() - 2) : base;
          Literals literals = Objects.requireNonNull(types.get(element));
          types.put(domain, ofArray ? array(literals, delimiter(base)) : literals);
        });
    for (Map.Entry<String, Literals> scalar : List.copyOf(types.entrySet())) {
      String base = domains.getOrDefault(scalar.getKey(), scalar.getKey());
      types.put(scalar.getKey() + "[]", array(scalar.getValue(), delimiter(base)));
    }
    return types;
  }

  /** What stands between the elements of an array: a domain takes over that of its base. */
  private static String delimiter(String base) {
    return base.startsWith("box") ? ";" : ",";
  }

  private static Map<String, Literals> scalars() {
    Map<String, Literals> types = new TreeMap<>();
    types.put("boolean", random -> random.nextBoolean() ? "true" : "false");
    types.put("smallint", random -> String.valueOf((short) random.nextInt()));
    types.put("integer", random -> String.valueOf(random.nextInt()));
    types.put("bigint", random -> String.valueOf(random.nextLong()));
    types.put("oid", random -> Integer.toUnsignedString(random.nextInt()));
    types.put("xid", random -> Integer.toUnsignedString(random.nextInt()));
    types.put("numeric", RandomValues::numeric);
    types.put("numeric(12,3)", random -> pick(random, "NaN", decimal(random, 9, 5)));
    types.put("real", random -> Float.toString(Float.intBitsToFloat(random.nextInt())));
    types.put(
        "double precision", random -> Double.toString(Double.longBitsToDouble(random.nextLong())));
    types.put("money", random -> String.valueOf(random.nextInt(1_000_000) / 4));
    types.put("text", random -> text(random, random.nextInt(30) == 0 ? 6000 : 60));
    types.put("character varying", random -> text(random, 30));
    types.put("character varying(20)", random -> text(random, 20));
    types.put("character(12)", random -> text(random, 12));
    types.put("\"char\"", random -> String.valueOf((char) (1 + random.nextInt(127))));
    types.put("name", random -> text(random, 12));
    types.put("bytea", RandomValues::bytea);
    types.put("bit(11)", random -> bits(random, 11));
    types.put("bit varying", random -> bits(random, random.nextInt(70)));
    types.put("date", random -> pick(random, "infinity", "-infinity", date(random), date(random)));
    types.put("time", RandomValues::time);
    types.put("time with time zone", random -> time(random) + zone(random));
    types.put("timestamp", RandomValues::timestamp);
    types.put("timestamp(2) with time zone", RandomValues::timestamp);
    types.put("interval", RandomValues::interval);
    types.put("uuid", random -> hex(random, 16));
    types.put("json", RandomValues::json);
    types.put("jsonb", RandomValues::json);
    types.put("xml", random -> "<a b=\"" + random.nextInt() + "\">it's &lt; ü\n</a>");
    types.put("inet", random -> ip(random) + pick(random, "", "/" + random.nextInt(33)));
    types.put("cidr", random -> ip(random) + "/32");
    types.put("macaddr", random -> hex(random, 6));
    types.put("macaddr8", random -> hex(random, 8));
    types.put("point", random -> point(random));
    types.put("lseg", random -> '[' + point(random) + ',' + point(random) + ']');
    types.put("box", random -> '(' + point(random) + ',' + point(random) + ')');
    types.put(
        "path",
        random -> pick(random, "[%s,%s]", "(%s,%s)").formatted(point(random), point(random)));
    types.put("circle", random -> '<' + point(random) + ',' + random.nextInt(9) + '>');
    types.put("int4range", range(random -> String.valueOf(random.nextInt())));
    types.put("numrange", range(RandomValues::number));
    types.put("tstzrange", range(RandomValues::timestampOfOurEra));
    types.put("daterange", range(RandomValues::date));
    types.put("tsvector", random -> "'it''s':1A,2 'ü':3 fat:" + (1 + random.nextInt(99)));
    types.put("tsquery", random -> "'it''s' & !(fat | rat" + random.nextInt(9) + ":*)");
    types.put("pg_lsn", random -> "%X/%X".formatted(random.nextInt(), random.nextInt()));
    types.put("regclass", random -> pick(random, "pg_class", "pg_attribute", "0", "4294967295"));
    types.put("regtype", random -> pick(random, "integer[]", "public.\"Odd Type\"", "text"));
    types.put("jsonpath", random -> "$.a[*] ? (@.b > " + random.nextInt(9) + " && @.c == \"x'y\")");
    types.put("oidvector", random -> random.nextInt(99) + " " + random.nextInt(99));
    types.put("tid", random -> "(" + random.nextInt(999) + ',' + random.nextInt(99) + ')');
    return types;
  }

  static String pick(RandomGenerator random, String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private static String pick(RandomGenerator random, List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  private static String text(RandomGenerator random, int limit) {
    String text = random.nextInt(5) == 0 ? pick(random, TEXTS) : letters(random, limit);
    int end = text.offsetByCodePoints(0, Math.min(limit, text.codePointCount(0, text.length())));
    return text.substring(0, end);
  }

  private static String letters(RandomGenerator random, int limit) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(limit + 1); i > 0; i--) {
      int at = random.nextInt(ALPHABET.length() + 3);
      text.append(at < ALPHABET.length() ? ALPHABET.substring(at, at + 1) : pick(random, BEYOND));
    }
    return text.toString();
  }

  private static String digits(RandomGenerator random, int count) {
    StringBuilder digits = new StringBuilder();
    for (int i = 0; i < count; i++) {
      digits.append((char) ('0' + random.nextInt(10)));
    }
    return digits.toString();
  }

  private static String decimal(RandomGenerator random, int whole, int fraction) {
    return pick(random, "", "-")
        + digits(random, 1 + random.nextInt(whole))
        + '.'
        + digits(random, random.nextInt(fraction));
  }

  private static String numeric(RandomGenerator random) {
    return switch (random.nextInt(6)) {
      case 0 -> "NaN";
      case 1 -> decimal(random, 120, 60);
      case 2 -> random.nextInt() + "e" + (random.nextInt(200) - 100);
      case 3 -> pick(random, "0", "-0.000", "0.10", "Infinity", "-Infinity");
      default -> decimal(random, 10, 5);
    };
  }

  private static String number(RandomGenerator random) {
    return String.valueOf(random.nextInt(2_000_001) - 1_000_000) + pick(random, "", ".5", ".125");
  }

  private static String hex(RandomGenerator random, int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static String bytea(RandomGenerator random) {
    return "\\x" + hex(random, random.nextInt(random.nextInt(30) == 0 ? 5000 : 20));
  }

  private static String bits(RandomGenerator random, int count) {
    StringBuilder bits = new StringBuilder();
    for (int i = 0; i < count; i++) {
      bits.append(random.nextBoolean() ? '1' : '0');
    }
    return bits.toString();
  }

  private static String ymd(RandomGenerator random, int years) {
    return "%04d-%02d-%02d"
        .formatted(1 + random.nextInt(years), 1 + random.nextInt(12), 1 + random.nextInt(28));
  }

  private static String date(RandomGenerator random) {
    return random.nextInt(4) == 0 ? ymd(random, 4700) + " BC" : ymd(random, 200_000);
  }

  private static String time(RandomGenerator random) {
    return "%02d:%02d:%02d%s"
        .formatted(
            random.nextInt(24),
            random.nextInt(60),
            random.nextInt(60),
            pick(random, "", ".5", ".000001", "." + digits(random, 6)));
  }

  private static String zone(RandomGenerator random) {
    return pick(random, "Z", "+05:30", "-12:45", "+14", "-00:00:01");
  }

  private static String timestamp(RandomGenerator random) {
    return switch (random.nextInt(6)) {
      case 0 -> pick(random, "infinity", "-infinity", "epoch");
      case 1 -> ymd(random, 4700) + ' ' + time(random) + " BC";
      case 2 -> ymd(random, 200_000) + ' ' + time(random);
      default -> timestampOfOurEra(random);
    };
  }

  private static String timestampOfOurEra(RandomGenerator random) {
    return ymd(random, 2100) + ' ' + time(random);
  }

  private static String interval(RandomGenerator random) {
    return "%d years %d months %d days %s%s"
        .formatted(
            random.nextInt(200) - 100,
            random.nextInt(30) - 15,
            random.nextInt(100) - 50,
            pick(random, "", "-"),
            time(random));
  }

  private static String ip(RandomGenerator random) {
    return "%d.%d.%d.%d"
        .formatted(
            random.nextInt(256), random.nextInt(256), random.nextInt(256), random.nextInt(256));
  }

  private static String point(RandomGenerator random) {
    return '(' + number(random) + ',' + pick(random, number(random), "1e-300", "-0") + ')';
  }

  private static String json(RandomGenerator random) {
    return switch (random.nextInt(5)) {
      case 0 ->
          pick(
              random,
              "null",
              "true",
              "\"\"",
              "[]",
              "{}",
              "-0.0",
              "1E400",
              "12345678901234567890.10");
      case 1 -> "[ 1.10 ,\n\t" + jsonString(random) + ", null]";
      default -> "{ \"b\" : " + random.nextLong() + ", \"a'\":" + jsonString(random) + " }";
    };
  }

  private static String jsonString(RandomGenerator random) {
    StringBuilder string = new StringBuilder("\"");
    text(random, 20)
        .codePoints()
        .forEach(
            c -> {
              if (c < ' ' || c == '"' || c == '\\') {
                string.append("\\u%04x".formatted(c));
              } else {
                string.appendCodePoint(c);
              }
            });
    return string.append('"').toString();
  }

  private static String composite(RandomGenerator random) {
    return '('
        + pick(random, "", String.valueOf(random.nextInt()))
        + ','
        + pick(random, "", quoted(text(random, 20)))
        + ','
        + pick(random, "", quoted(pick(random, MOODS)))
        + ')';
  }

  /** In double quotes, as arrays, composites and ranges take their elements. */
  private static String quoted(String element) {
    return '"' + element.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static Literals range(Literals bounds) {
    return random -> {
      if (random.nextInt(8) == 0) {
        return "empty";
      }
      // One end at most, since the order of two random bounds is for the server to know.
      String bound = quoted(bounds.next(random));
      return pick(
          random, "[" + bound + ",)", "(," + bound + "]", "[" + bound + "," + bound + "]", "(,)");
    };
  }

  private static Literals multirange(Literals ranges) {
    return random ->
        pick(random, "{}", '{' + ranges.next(random) + ", " + ranges.next(random) + '}');
  }

  private static Literals array(Literals elements, String delimiter) {
    return random -> {
      List<String> all = new ArrayList<>();
      for (int i = random.nextInt(5); i > 0; i--) {
        all.add(random.nextInt(6) == 0 ? "NULL" : quoted(elements.next(random)));
      }
      String flat = '{' + String.join(delimiter, all) + '}';
      return all.isEmpty()
          ? "{}"
          : switch (random.nextInt(4)) {
            case 0 -> '{' + flat + delimiter + flat + '}';
            case 1 -> "[-1:" + (all.size() - 2) + "]=" + flat;
            default -> flat;
          };
    };
  }
}
