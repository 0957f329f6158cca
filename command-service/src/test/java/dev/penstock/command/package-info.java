@NullMarked
package dev.penstock.command;

import org.jspecify.annotations.NullMarked;
