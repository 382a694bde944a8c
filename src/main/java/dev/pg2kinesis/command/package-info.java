/** The commands that an event can give, one class for each that does more than a call. */
@NullMarked
package dev.pg2kinesis.command;

import org.jspecify.annotations.NullMarked;
