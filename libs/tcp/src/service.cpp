#include "waitstate/tcp/service.h"

#include <algorithm>
#include <cstddef>

namespace waitstate::tcp {
namespace {

using enum service_kind;

// By port, for the search below.
constexpr service services[] = {
    {7, "echo", other},
    {20, "ftp-data", other},
    {21, "ftp", other},
    {22, "ssh", other},
    {23, "telnet", other},
    {25, "smtp", other},
    {43, "whois", other},
    {53, "domain", name},
    {79, "finger", other},
    {80, "http", web},
    {88, "kerberos", other},
    {110, "pop3", other},
    {111, "sunrpc", other},
    {113, "auth", other},
    {119, "nntp", other},
    {135, "epmap", other},
    {139, "netbios-ssn", other},
    {143, "imap2", other},
    {179, "bgp", other},
    {389, "ldap", other},
    {443, "https", web},
    {445, "microsoft-ds", other},
    {465, "submissions", other},
    {514, "shell", other},
    {543, "klogin", other},
    {587, "submission", other},
    {631, "ipp", other},
    {636, "ldaps", other},
    {853, "domain-s", name},
    {873, "rsync", other},
    {990, "ftps", other},
    {993, "imaps", other},
    {995, "pop3s", other},
    {1080, "socks", other},
    {1433, "ms-sql-s", database},
    {1521, "ncube-lm", database},
    {1883, "mqtt", queue},
    {2049, "nfs", other},
    {2181, "eforward", database},
    {2375, "docker", other},
    {2379, "etcd-client", database},
    {2380, "etcd-server", database},
    {3000, "hbci", web},
    {3128, "squid", web},
    {3268, "msft-gc", other},
    {3306, "mysql", database},
    {3389, "ms-wbt-server", other},
    {3690, "svn", other},
    {4222, "nats", queue},
    {5000, "commplex-main", web},
    {5060, "sip", other},
    {5061, "sip-tls", other},
    {5222, "xmpp-client", other},
    {5269, "xmpp-server", other},
    {5432, "postgresql", database},
    {5433, "pyrrho", database},
    {5671, "amqps", queue},
    {5672, "amqp", queue},
    {5900, "vnc", other},
    {5984, "couchdb", database},
    {6000, "x11", other},
    {6032, "proxysql-admin", metrics},
    {6379, "redis", cache},
    {6432, "pgbouncer", database},
    {6443, "sun-sr-https", web},
    {6667, "ircd", other},
    {7000, "afs3-fileserver", other},
    {7001, "afs3-callback", web},
    {8000, "irdmi", web},
    {8008, "http-alt-8008", web},
    {8009, "ajp13", web},
    {8080, "http-alt", web},
    {8081, "sunproxyadmin", web},
    {8086, "influxdb", database},
    {8123, "clickhouse", database},
    {8125, "statsd", metrics},
    {8443, "pcsync-https", web},
    {8500, "consul", metrics},
    {8834, "nessus", web},
    {8888, "ddi-tcp-1", web},
    {9000, "cslistener", web},
    {9042, "cassandra", database},
    {9090, "prometheus", metrics},
    {9092, "kafka", queue},
    {9100, "node-exporter", metrics},
    {9104, "mysqld-exporter", metrics},
    {9121, "redis-exporter", metrics},
    {9153, "coredns-metrics", metrics},
    {9200, "elasticsearch", database},
    {9300, "vrace", database},
    {9418, "git", other},
    {9443, "tungsten-https", web},
    {9901, "envoy-admin", metrics},
    {10050, "zabbix-agent", metrics},
    {10051, "zabbix-trapper", metrics},
    {10250, "kubelet", metrics},
    {10254, "ingress-health", metrics},
    {10256, "kube-proxy-health", metrics},
    {11211, "memcache", cache},
    {15020, "istio-health", metrics},
    {15021, "istio-status", metrics},
    {15090, "istio-metrics", metrics},
    {15672, "rabbitmq-admin", metrics},
    {27017, "mongodb", database},
    {27018, "mongodb-shard", database},
    {50000, "db2", database},
    {61616, "activemq", queue},
};

struct alias {
  std::string_view name;
  std::uint16_t port;
};

// Names that other lists of services use, by name.
constexpr alias aliases[] = {
    {"arcp", 7070},
    {"asterix", 8600},
    {"blackice-icecap", 8081},
    {"bootclient", 2017},
    {"cadlock", 1000},
    {"cbt", 7777},
    {"ccmail", 3264},
    {"dec-notes", 3333},
    {"distinct", 9999},
    {"dns", 53},
    {"dpm", 5718},
    {"etlservicemgr", 9001},
    {"filenet-rpc", 32769},
    {"filenet-tms", 32768},
    {"fs-agent", 8042},
    {"gnutella-svc", 6346},
    {"http-alt", 8080},
    {"http-proxy", 8080},
    {"ident", 113},
    {"imap", 143},
    {"imap4", 143},
    {"intermapper", 8181},
    {"irisa", 11000},
    {"iscsi-target", 3260},
    {"italk", 12345},
    {"lm-x", 6200},
    {"loc-srv", 135},
    {"mcreport", 8003},
    {"mdns", 5353},
    {"memcached", 11211},
    {"metasys", 11001},
    {"mmcc", 5050},
    {"ms-do", 4020},
    {"msrpc", 135},
    {"nbsession", 139},
    {"nrpe", 5666},
    {"opsmessaging", 8090},
    {"oracle", 1521},
    {"personal-agent", 5555},
    {"pichat", 9009},
    {"pop-3", 110},
    {"portmapper", 111},
    {"postgres", 5432},
    {"radan-http", 8088},
    {"rfb", 5900},
    {"rpcbind", 111},
    {"sdtvwcam", 8103},
    {"sentinelsrm", 1947},
    {"simplifymedia", 8087},
    {"smtps", 465},
    {"soap-http", 7627},
    {"sometimes-rpc", 32771},
    {"ssmtp", 465},
    {"sunwebadmin", 8800},
    {"terabase", 4000},
    {"teradataordbms", 8002},
    {"tproxy", 8081},
    {"tram", 4567},
    {"upnp", 1900},
    {"urd", 465},
    {"us-cli", 8082},
    {"us-srv", 8083},
    {"vcom-tunnel", 8001},
    {"wap-wsp", 9200},
    {"webcache", 8080},
    {"websnp", 8084},
    {"www", 80},
    {"x11-ssh", 6010},
    {"zookeeper", 2181},
};

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

std::optional<service> service_of(std::uint16_t port) {
  const auto* const found = std::ranges::lower_bound(services, port, {}, &service::port);
  if (found == std::end(services) || found->port != port) return std::nullopt;
  return *found;
}

std::optional<std::uint16_t> port_of_service(std::string_view name) {
  for (const auto& s : services) {
    if (same_word(s.name, name)) return s.port;
  }
  for (const auto& a : aliases) {
    if (same_word(a.name, name)) return a.port;
  }
  return std::nullopt;
}

}  // namespace waitstate::tcp
