/** The whole product on one machine: {@code scripts/demo}. */
@NullMarked
package dev.pg2kinesis.demo;

import org.jspecify.annotations.NullMarked;
