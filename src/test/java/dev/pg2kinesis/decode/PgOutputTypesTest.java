package dev.pg2kinesis.decode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Catalog.UserType;
import dev.pg2kinesis.change.Type;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PgOutputTypesTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "16,   boolean",
        "18,   \"char\"",
        "1002, \"char\"[]",
        "1042, character",
        "1043, character varying",
        "1562, bit varying",
        "1185, timestamp with time zone[]",
        "1266, time with time zone",
        "1231, numeric[]",
        "2205, regclass",
        "4451, int4multirange",
        "6155, datemultirange[]",
        "6157, int8multirange[]",
      })
  void builtInTypesAreNamedAsFormatTypePrintsThem(int oid, String name) {
    assertThat(new PgOutputTypes(Map.of()).type(oid).name()).isEqualTo(name);
  }

  @Test
  void catalogComesBeforeTheTypeMessage() {
    Type posint = new Type.Domain("public.posint", Type.named("integer"));
    PgOutputTypes types =
        new PgOutputTypes(Map.of(16400, new UserType("public", "posint", posint)));
    types.announce(16400, "", "int4");

    assertThat(types.type(16400)).isEqualTo(posint);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "``,      int4,        integer",
        "``,      _varchar,    character varying[]",
        "``,      char,        \"char\"",
        "``,      brand_new,   brand_new",
        "public,  mood,        public.mood",
        "public,  _mood,       public.mood[]",
        "Odd,     a\"b,        \"Odd\".\"a\"\"b\"",
        "public,  1st,         public.\"1st\"",
      })
  void typeMessageIsTheLastResort(String namespace, String typname, String name) {
    PgOutputTypes types = new PgOutputTypes(Map.of());
    types.announce(0xFFFF_FFFF, namespace, typname);

    assertThat(types.type(0xFFFF_FFFF).name()).isEqualTo(name);
  }

  @Test
  void typeThatNobodyNamesIsItsId() {
    assertThat(new PgOutputTypes(Map.of()).type(0xFFFF_FFFF).name()).isEqualTo("oid 4294967295");
  }
}
