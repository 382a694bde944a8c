/**
 * Kinesis for tests: {@link dev.pg2kinesis.kinesis.KinesisLocal}, an independent server that speaks
 * the real protocol and never throttles, and {@link dev.pg2kinesis.kinesis.FakeKinesis}, our own
 * with quotas, faults and a checker.
 */
@NullMarked
package dev.pg2kinesis.kinesis;

import org.jspecify.annotations.NullMarked;
