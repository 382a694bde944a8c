package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog.UserType;
import dev.pg2kinesis.change.Type;
import dev.pg2kinesis.change.Type.Kind;
import java.util.HashMap;
import java.util.Map;

/**
 * Types by object id.
 *
 * <p>What a type is, the catalog says: by the object id, or if that was dropped since, by the name
 * that the Type message has for it. Its name at the time of the change is in the Type message
 * alone, as {@code pg_type} has it ({@code _mood} for an array). A domain's message names the type
 * that the domain is over, and no message has the name of the domain.
 */
final class PgOutputTypes {

  private final Map<Integer, UserType> catalog;
  private final Map<RawName, UserType> byName = new HashMap<>();
  private final Map<Integer, RawName> announced = new HashMap<>();

  /** A name as {@code pg_type} has it; the schema is empty for {@code pg_catalog}. */
  private record RawName(String schema, String typname) {}

  /**
   * @param catalog user-defined types by object id
   */
  PgOutputTypes(Map<Integer, UserType> catalog) {
    this.catalog = catalog;
    for (UserType type : catalog.values()) {
      if (!(type.type() instanceof Type.Domain)) { // no message has the name of a domain
        byName.put(new RawName(type.schema(), type.typname()), type);
      }
    }
  }

  /** Takes note of a Type message; {@code schema} is empty for {@code pg_catalog}. */
  void announce(int oid, String schema, String typname) {
    announced.put(oid, new RawName(schema, typname));
  }

  /**
   * The type with that object id. One that neither the catalog nor a message names, a built-in type
   * of a server newer than {@link PgOutputBuiltInTypes}, is called {@code oid 12345}.
   */
  Type type(int oid) {
    String builtIn = PgOutputBuiltInTypes.name(oid);
    if (builtIn != null) {
      return Type.named(builtIn);
    }
    UserType now = catalog.get(oid);
    RawName then = announced.get(oid);
    if (now != null) {
      return then == null ? now.type() : asThen(now, then);
    }
    return then == null ? Type.named("oid " + Integer.toUnsignedString(oid)) : dropped(then);
  }

  /** A type that the catalog has, under the name that it had. */
  private static Type asThen(UserType now, RawName then) {
    Type type = now.type();
    boolean sameName = then.schema().equals(now.schema()) && then.typname().equals(now.typname());
    if (sameName || type instanceof Type.Domain) {
      return type;
    }
    if (!(type instanceof Type.Array)) {
      return type.renamed(qualified(then));
    }
    return isArray(then) ? type.renamed(qualified(element(then)) + "[]") : type;
  }

  /** Whether a name looks as the server makes up those of arrays. */
  private static boolean isArray(RawName name) {
    return name.typname().startsWith("_");
  }

  private static RawName element(RawName array) {
    return new RawName(array.schema(), array.typname().substring(1));
  }

  /** A type that the catalog does not have any more. */
  private Type dropped(RawName then) {
    String builtIn = then.schema().isEmpty() ? PgOutputBuiltInTypes.nameOf(then.typname()) : null;
    if (builtIn != null) {
      return new Type.Domain(builtIn, Type.named(builtIn)); // whose own name is not known
    }
    UserType sameName = byName.get(then);
    if (sameName != null) {
      return sameName.type();
    }
    if (isArray(then)) {
      UserType known = byName.get(element(then));
      return Type.Array.of(known == null ? unknown(element(then)) : known.type());
    }
    return unknown(then);
  }

  private static Type unknown(RawName name) {
    return new Type.Scalar(qualified(name), Kind.UNKNOWN, ',');
  }

  private static String qualified(RawName name) {
    String typname = quoted(name.typname());
    return name.schema().isEmpty() ? typname : quoted(name.schema()) + '.' + typname;
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
