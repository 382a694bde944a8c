/** The test harness's servers as containers; see the profile {@code containers}. */
@NullMarked
package dev.pg2kinesis.containers;

import org.jspecify.annotations.NullMarked;
