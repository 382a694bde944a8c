/**
 * Secrets, parameters and database tokens from AWS. {@link dev.pg2kinesis.aws.AnsweringHttpClient}
 * and {@code RehearsalServices} stand for AWS while the process starts.
 */
@NullMarked
package dev.pg2kinesis.aws;

import org.jspecify.annotations.NullMarked;
