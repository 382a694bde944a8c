package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Catalog.UserType;
import dev.pg2kinesis.change.Type;
import java.util.HashMap;
import java.util.Map;

/**
 * Types by the names that the text plugins print, which are those of the time of the change. A name
 * that means another type now cannot be told from one that does not.
 */
final class NamedTypes {

  private final Map<String, Type> byName = new HashMap<>();

  NamedTypes(Catalog catalog) {
    for (UserType type : catalog.types().values()) {
      byName.put(type.type().name(), type.type());
    }
  }

  /** The type that has that name now, or one of which only the name is known. */
  Type type(String name) {
    Type known = byName.get(name);
    if (known != null) {
      return known;
    }
    return name.endsWith("[]")
        ? new Type.Array(name, type(name.substring(0, name.length() - 2)))
        : Type.named(name);
  }
}
