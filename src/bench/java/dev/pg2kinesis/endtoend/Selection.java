package dev.pg2kinesis.endtoend;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What to measure: arguments {@code NAME=value}, lists separated by commas. */
final class Selection {

  private final Map<String, String> values = new HashMap<>();

  Selection(String[] arguments) {
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      values.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
  }

  String text(String name) {
    return Objects.requireNonNull(values.get(name), name);
  }

  List<String> list(String name) {
    return Arrays.stream(text(name).split(",", -1)).filter(item -> !item.isEmpty()).toList();
  }

  List<Integer> numbers(String name) {
    return list(name).stream().map(Integer::valueOf).toList();
  }

  List<Long> longs(String name) {
    return list(name).stream().map(Long::valueOf).toList();
  }

  /** A deployable, and what compiles it. */
  record Build(Path jar, Compiler compiler) {}

  /**
   * Each of {@code JARS} with each of {@code COMPILERS}, or with the one named behind its
   * {@code @}.
   */
  List<Build> builds() {
    List<Build> builds = new ArrayList<>();
    for (String jar : list("JARS")) {
      int at = jar.lastIndexOf('@');
      for (String compiler : at < 0 ? list("COMPILERS") : List.of(jar.substring(at + 1))) {
        builds.add(
            new Build(
                Path.of(at < 0 ? jar : jar.substring(0, at)),
                Compiler.valueOf(compiler.toUpperCase(Locale.ROOT))));
      }
    }
    return builds;
  }

  /** A list of two words, of which one stands for true. */
  List<Boolean> flags(String name, String yes, String no) {
    return list(name).stream()
        .map(
            item -> {
              if (!item.equals(yes) && !item.equals(no)) {
                throw new IllegalArgumentException(name + "=" + item + ": " + yes + " or " + no);
              }
              return item.equals(yes);
            })
        .toList();
  }
}
