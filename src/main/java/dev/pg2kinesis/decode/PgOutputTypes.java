package dev.pg2kinesis.decode;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names of column types as {@code format_type(oid, NULL)} prints them with an empty search path.
 *
 * <p>A Type message is only the third source: it carries the catalog's raw name ({@code _mood} for
 * an array), and a domain's message carries the name of the type beneath the domain.
 */
final class PgOutputTypes {

  private final Map<Integer, String> catalog;
  private final Map<Integer, String> announced = new HashMap<>();

  /**
   * @param catalog names of user-defined types by object id
   */
  PgOutputTypes(Map<Integer, String> catalog) {
    this.catalog = catalog;
  }

  /** Takes note of a Type message; {@code namespace} is empty for {@code pg_catalog}. */
  void announce(int oid, String namespace, String typname) {
    String builtIn = namespace.isEmpty() ? PgOutputBuiltInTypes.nameOf(typname) : null;
    String qualified =
        namespace.isEmpty() ? quoted(typname) : quoted(namespace) + '.' + quoted(typname);
    announced.put(oid, builtIn != null ? builtIn : qualified);
  }

  /**
   * The name of a type: a built-in one's, else the catalog's, else the Type message's, else {@code
   * oid 12345}, which happens only with a built-in type of a server newer than {@link
   * PgOutputBuiltInTypes}.
   */
  String name(int oid) {
    @Nullable String name = PgOutputBuiltInTypes.name(oid);
    if (name == null) {
      name = catalog.get(oid);
    }
    if (name == null) {
      name = announced.get(oid);
    }
    return name != null ? name : "oid " + Integer.toUnsignedString(oid);
  }

  /** Quotes an identifier where its characters need it; keywords are left bare. */
  private static String quoted(String identifier) {
    boolean plain = !identifier.isEmpty() && !isDigit(identifier.charAt(0));
    for (int i = 0; plain && i < identifier.length(); i++) {
      char c = identifier.charAt(i);
      plain = c == '_' || isDigit(c) || (c >= 'a' && c <= 'z');
    }
    return plain ? identifier : '"' + identifier.replace("\"", "\"\"") + '"';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
