package dev.pg2kinesis.slot;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link ServerStatus} is read for.
 *
 * @param publications what a pgoutput slot is read with
 * @param earlierTimeline the ID of a timeline that was seen before, or null
 */
public record StatusRequest(
    String slotName, List<String> publications, @Nullable Long earlierTimeline) {}
