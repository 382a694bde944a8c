package dev.pg2kinesis.change;

/**
 * A column of a table at the time of a change.
 *
 * @param name as the catalog stores it, without SQL quotes
 * @param type as {@code format_type} prints it with an empty search path and without a type
 *     modifier: {@code integer}, {@code character varying}, {@code numeric[]}, {@code public.mood}
 */
public record Column(String name, String type) {}
