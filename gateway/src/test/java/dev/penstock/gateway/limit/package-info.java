@NullMarked
package dev.penstock.gateway.limit;

import org.jspecify.annotations.NullMarked;
