package dev.pg2kinesis.decode;

/**
 * Takes type modifiers off names of types. {@code format_type} puts them after the name ({@code
 * numeric(10,2)}, {@code character varying(3)[]}), into it ({@code time(3) without time zone}) or
 * as words ({@code interval day to second(2)}), and where a type has none says so by another name
 * ({@code bpchar}, {@code "bit"}). PostgreSQL documentation, "System Catalog Information
 * Functions".
 */
final class TypeNames {

  private TypeNames() {}

  /** The name that {@code format_type} prints for the same type without a modifier. */
  static String withoutModifier(String type) {
    String array = type.endsWith("[]") ? "[]" : "";
    String element = type.substring(0, type.length() - array.length());
    if (element.startsWith("interval") && isInterval(element)) {
      return "interval" + array;
    }
    return switch (element) {
      case "bpchar" -> "character" + array;
      case "\"bit\"", "bit" -> "bit" + array;
      default -> withoutParentheses(element) + array;
    };
  }

  private static boolean isInterval(String element) {
    char next = element.length() == 8 ? ' ' : element.charAt(8);
    return next == ' ' || next == '(';
  }

  /** Cuts from the first parenthesis outside of quotes to the last of all. */
  private static String withoutParentheses(String element) {
    int close = element.lastIndexOf(')');
    boolean quoted = false;
    for (int i = 0; i < close; i++) {
      char c = element.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == '(' && !quoted) {
        return element.substring(0, i) + element.substring(close + 1);
      }
    }
    return element;
  }
}
