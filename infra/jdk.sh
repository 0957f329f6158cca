# Finds a JDK of version 25 or newer and sets JAVA_HOME; to be sourced.
jdk_version() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] && sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

find_jdk() {
  local home version
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    version=$(jdk_version "$home") || continue
    if [ -n "$version" ] && [ "$version" -ge 25 ]; then
      export JAVA_HOME=$home
      return
    fi
  done
  echo "Penstock needs a JDK 25 or newer: install one (for instance Temurin 25) or set JAVA_HOME to it." >&2
  exit 1
}

require() {
  command -v "$1" > /dev/null || {
    echo "Penstock needs $2: install it and run this command again." >&2
    exit 1
  }
}

find_jdk
require mvn "Maven 3.8.7 or newer"
require npm "Node.js 20.19 or newer with npm"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' || {
  echo "Penstock needs Node.js 20.19 or newer, not $(node -v): install it and run this command again." >&2
  exit 1
}
