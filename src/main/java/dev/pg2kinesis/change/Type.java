package dev.pg2kinesis.change;

/**
 * A data type, as far as its values must be told apart. PostgreSQL documentation, "pg_type".
 *
 * <p>Two types with the same name may differ: a name says nothing of what a domain is over, or what
 * stands between the elements of an array.
 */
public sealed interface Type {

  /**
   * The name as {@code format_type} prints it with an empty search path and without a type
   * modifier: {@code integer}, {@code character varying}, {@code numeric[]}, {@code public.mood}.
   */
  String name();

  /** The character between the elements of an array of this type: {@code typdelim}. */
  char delimiter();

  /** The type whose text form the values have: what a domain is over, otherwise the type itself. */
  default Type base() {
    return this;
  }

  /** The same type under another name, such as the one it had when a change was written. */
  Type renamed(String name);

  /** What a type's category is: {@code typtype}, without domains and arrays. */
  enum Kind {
    BASE,
    COMPOSITE,
    ENUM,
    RANGE,
    /** Nothing but the name is known: the type was dropped since, or is a table's row type. */
    UNKNOWN
  }

  /**
   * What a name tells by itself: that of a built-in type everything, any other whether it is an
   * array. Elements of arrays of unknown types are separated by commas, as nearly all are.
   */
  static Type named(String name) {
    if (name.endsWith("[]")) {
      return new Array(name, named(name.substring(0, name.length() - 2)));
    }
    return new Scalar(name, kind(name), name.equals("box") ? ';' : ',');
  }

  /** {@code format_type} prints the types of {@code pg_catalog} alone without a schema. */
  private static Kind kind(String name) {
    if (name.indexOf('.') >= 0) {
      return Kind.UNKNOWN;
    }
    return name.endsWith("range") ? Kind.RANGE : Kind.BASE;
  }

  /** A type that is neither an array nor a domain. */
  record Scalar(String name, Kind kind, char delimiter) implements Type {
    @Override
    public Type renamed(String newName) {
      return new Scalar(newName, kind, delimiter);
    }
  }

  /**
   * An array of any number of dimensions.
   *
   * @param element the type of its elements
   */
  record Array(String name, Type element) implements Type {

    /** An array whose name is that of its elements and brackets. */
    public static Array of(Type element) {
      return new Array(element.name() + "[]", element);
    }

    @Override
    public char delimiter() {
      return element.delimiter();
    }

    /** The name of an array is that of its elements and brackets. */
    @Override
    public Type renamed(String newName) {
      return new Array(newName, element.renamed(newName.substring(0, newName.length() - 2)));
    }
  }

  /**
   * A domain.
   *
   * @param base what it is over in the end, which is no domain
   */
  record Domain(String name, Type base) implements Type {

    public Domain {
      base = base.base();
    }

    @Override
    public char delimiter() {
      return base.delimiter();
    }

    @Override
    public Type renamed(String newName) {
      return new Domain(newName, base);
    }
  }
}
