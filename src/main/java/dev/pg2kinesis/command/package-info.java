/** What an event can ask for, and how each command is carried out. */
@NullMarked
package dev.pg2kinesis.command;

import org.jspecify.annotations.NullMarked;
