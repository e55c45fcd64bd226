# shellcheck shell=bash
# The network of the embedded Docker's containers: a bridge of this clone alone.
#
# dockerd would share docker0 and its chains of firewall rules with every other
# dockerd on the machine, and each one's start rewrites them. So ours is told to
# leave the firewall alone ("iptables": false); a bridge named after the clone and
# three rules of ours do the rest. Published ports go through docker-proxy.
# Sourced after lib.sh.

BRIDGE=mc-$CLONE

# rules VERB: `-C` looks for, `-I` adds, `-D` removes what lets containers out.
rules() {
  iptables -w -t nat "$1" POSTROUTING -s "$SUBNET.0/24" ! -o "$BRIDGE" -j MASQUERADE &&
    iptables -w "$1" FORWARD -i "$BRIDGE" -j ACCEPT &&
    iptables -w "$1" FORWARD -o "$BRIDGE" -j ACCEPT
}

# free_subnet: a /24 that no interface has, from a range few networks use.
free_subnet() {
  local number=$((100 + 0x$CLONE % 100))
  while ip -4 -o addr | grep -q " 192\.168\.$number\."; do number=$((number + 1)); done
  printf '192.168.%s' "$number"
}

network_up() {
  packages iproute2 iptables
  if [[ -z ${SUBNET:-} ]]; then remember SUBNET "$(free_subnet)"; fi
  if ! ip link show "$BRIDGE" >/dev/null 2>&1; then
    ip link add "$BRIDGE" type bridge || die "no network bridge can be made: the kernel or the container forbids it"
    ip addr add "$SUBNET.1/24" dev "$BRIDGE"
    ip link set "$BRIDGE" up
  fi
  echo 1 >/proc/sys/net/ipv4/ip_forward
  rules -C 2>/dev/null || rules -I
}

network_down() {
  if ! ip link show "$BRIDGE" >/dev/null 2>&1; then return; fi
  if [[ -n ${SUBNET:-} ]]; then rules -D 2>/dev/null || true; fi
  ip link delete "$BRIDGE"
}
