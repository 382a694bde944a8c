/**
 * Random histories against the whole function: a workload and faults, both by a seed, on a real
 * server and the fake of Kinesis, and an oracle that says whether anything was lost. Start reading
 * at {@link dev.pg2kinesis.chaos.History}.
 */
@NullMarked
package dev.pg2kinesis.chaos;

import org.jspecify.annotations.NullMarked;
