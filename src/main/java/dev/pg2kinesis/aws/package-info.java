/**
 * Secrets, parameters and database tokens from AWS, and the JSON in what it hands over ({@link
 * PlainJson}). {@link AnsweringHttpClient} and {@code RehearsalServices} stand for AWS while the
 * process starts.
 */
@NullMarked
package dev.pg2kinesis.aws;

import org.jspecify.annotations.NullMarked;
