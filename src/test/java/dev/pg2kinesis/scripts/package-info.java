/** The scripts and the deployment guide, run as a person runs them. */
@NullMarked
package dev.pg2kinesis.scripts;

import org.jspecify.annotations.NullMarked;
