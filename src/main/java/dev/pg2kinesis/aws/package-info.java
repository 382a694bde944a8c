/** Secrets, parameters and database tokens from AWS. */
@NullMarked
package dev.pg2kinesis.aws;

import org.jspecify.annotations.NullMarked;
