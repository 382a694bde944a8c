package dev.pg2kinesis.endtoend;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
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
