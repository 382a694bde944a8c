package dev.pg2kinesis.settings;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Looks variables up and collects every problem with them, so that all are reported at once. An
 * empty value counts as unset. Messages quote values; a variable that may hold a secret is read
 * with {@link #optional(String)}, which has no rules and so no message.
 */
final class SettingsReader {

  private final Map<String, String> variables;
  private final List<String> problems = new ArrayList<>();

  SettingsReader(Map<String, String> variables) {
    this.variables = variables;
  }

  void problem(String problem) {
    if (!problems.contains(problem)) {
      problems.add(problem);
    }
  }

  /**
   * Ends the reading.
   *
   * @throws InvalidSettingsException with all problems, if there are any
   */
  void throwIfInvalid() {
    if (!problems.isEmpty()) {
      throw new InvalidSettingsException(problems);
    }
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(variables.get(name)).filter(text -> !text.isBlank());
  }

  @Nullable String optional(String name) {
    return text(name).orElse(null);
  }

  /** The value, or null and a problem. */
  @Nullable String required(String name, String meaning) {
    String text = optional(name);
    if (text == null) {
      problem(name + " is not set: expected " + meaning);
    }
    return text;
  }

  /** A value that matches a regular expression; {@code expected} describes it in words. */
  String matching(String name, String defaultValue, String pattern, String expected) {
    String text = text(name).orElse(defaultValue);
    if (!text.matches(pattern)) {
      problem(name + " is '" + text + "': expected " + expected);
    }
    return text;
  }

  /** Comma-separated items; empty ones are left out. */
  List<String> list(String name) {
    return text(name).stream()
        .flatMap(text -> Arrays.stream(text.split(",", -1)))
        .map(String::strip)
        .filter(item -> !item.isEmpty())
        .toList();
  }

  long number(String name, long defaultValue, long min, long max) {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return defaultValue;
    }
    try {
      long number = Long.parseLong(text.get().strip());
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // falls through: the problem is the same
    }
    problem(name + " is '" + text.get() + "': expected a whole number from " + min + " to " + max);
    return defaultValue;
  }

  /**
   * One of a closed set of values.
   *
   * @param settingName what the variable holds for a value
   */
  <T> T choice(String name, T defaultValue, List<T> values, Function<T, String> settingName) {
    String text = optional(name);
    return text == null
        ? defaultValue
        : find(text.strip(), values, settingName)
            .orElseGet(
                () -> {
                  problem(
                      name + " is '" + text + "': expected one of " + names(values, settingName));
                  return defaultValue;
                });
  }

  /** Some of a closed set of values, separated by commas. */
  <T> Set<T> choices(
      String name, Set<T> defaults, List<T> values, Function<T, String> settingName) {
    Set<T> chosen = new LinkedHashSet<>();
    for (String item : text(name).map(text -> text.split(",", -1)).orElse(new String[0])) {
      find(item.strip(), values, settingName)
          .ifPresentOrElse(
              chosen::add,
              () ->
                  problem(
                      name
                          + " is '"
                          + optional(name)
                          + "': expected a list of "
                          + names(values, settingName)
                          + ", found '"
                          + item.strip()
                          + "'"));
    }
    return chosen.isEmpty() ? defaults : chosen;
  }

  private static <T> Optional<T> find(
      String text, List<T> values, Function<T, String> settingName) {
    return values.stream().filter(value -> settingName.apply(value).equals(text)).findFirst();
  }

  private static <T> String names(List<T> values, Function<T, String> settingName) {
    return values.stream().map(settingName).collect(Collectors.joining(", "));
  }

  /** The value that {@code parse} makes; its IllegalArgumentException says what was expected. */
  <T> T parsed(String name, T defaultValue, Function<String, T> parse) {
    String text = optional(name);
    if (text == null) {
      return defaultValue;
    }
    try {
      return parse.apply(text.strip());
    } catch (IllegalArgumentException e) {
      problem(name + " is '" + text + "': " + e.getMessage());
      return defaultValue;
    }
  }
}
