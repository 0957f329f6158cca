@NullMarked
package dev.penstock.gateway.collapse;

import org.jspecify.annotations.NullMarked;
