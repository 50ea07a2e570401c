// The cases of elastic/dissect-specification, commit 0716e2f150616443358d14d4165285f6e03d0bac (Apache-2.0: test/data/patterns/LICENSES),
// converted from its tests.json: pattern, text, separator of appended parts, fields by name. "no match": also a pattern that
// is refused.
#pragma once

#include <string_view>

namespace block_test {

struct DissectCase {
  std::string_view pattern, text, separator, expected;
};

inline constexpr DissectCase kDissectSpec[] = {
    // When all the defined fields are captured by we have remaining data
    {"level=%{level} ts=%{timestamp} caller=%{caller} msg=\"%{message}\"",
     "level=info ts=2018-06-27T17:19:13.036579993Z caller=main.go:222 msg=\"Starting OK\" version=\"(version=2."
     "3.1, branch=HEAD, revision=188ca45bd85ce843071e768d855722a9d9dabe03)\"}",
     "",
     "caller=main.go:222|level=info|message=Starting OK|timestamp=2018-06-27T17:19:13.036579993Z"},
    // Complex stack trace
    {"%{day}-%{month}-%{year} %{hour} %{severity} [%{thread_id}] %{origin} %{message}",
     "18-Apr-2018 06:53:20.411 INFO [http-nio-8080-exec-1] org.apache.coyote.http11.Http11Processor.service Err"
     "or parsing HTTP request header\n Note: further occurrences of HTTP header parsing errors will be logged a"
     "t DEBUG level.\n java.lang.IllegalArgumentException: Invalid character found in method name. HTTP method "
     "names must be tokens\n    at org.apache.coyote.http11.Http11InputBuffer.parseRequestLine(Http11InputBuffe"
     "r.java:426)\n    at org.apache.coyote.http11.Http11Processor.service(Http11Processor.java:687)\n    at or"
     "g.apache.coyote.AbstractProcessorLight.process(AbstractProcessorLight.java:66)\n    at org.apache.coyote."
     "AbstractProtocol$ConnectionHandler.process(AbstractProtocol.java:790)\n    at org.apache.tomcat.util.net."
     "NioEndpoint$SocketProcessor.doRun(NioEndpoint.java:1459)\n    at org.apache.tomcat.util.net.SocketProcess"
     "orBase.run(SocketProcessorBase.java:49)\n    at java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadP"
     "oolExecutor.java:1149)\n    at java.util.concurrent.ThreadPoolExecutor$Worker.run(ThreadPoolExecutor.java"
     ":624)\n    at org.apache.tomcat.util.threads.TaskThread$WrappingRunnable.run(TaskThread.java:61)\n    at "
     "java.lang.Thread.run(Thread.java:748)",
     "",
     "day=18|hour=06:53:20.411|message=Error parsing HTTP request header\n Note: further occurrences of HTTP he"
     "ader parsing errors will be logged at DEBUG level.\n java.lang.IllegalArgumentException: Invalid characte"
     "r found in method name. HTTP method names must be tokens\n    at org.apache.coyote.http11.Http11InputBuff"
     "er.parseRequestLine(Http11InputBuffer.java:426)\n    at org.apache.coyote.http11.Http11Processor.service("
     "Http11Processor.java:687)\n    at org.apache.coyote.AbstractProcessorLight.process(AbstractProcessorLight"
     ".java:66)\n    at org.apache.coyote.AbstractProtocol$ConnectionHandler.process(AbstractProtocol.java:790)"
     "\n    at org.apache.tomcat.util.net.NioEndpoint$SocketProcessor.doRun(NioEndpoint.java:1459)\n    at org."
     "apache.tomcat.util.net.SocketProcessorBase.run(SocketProcessorBase.java:49)\n    at java.util.concurrent."
     "ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1149)\n    at java.util.concurrent.ThreadPoolExecuto"
     "r$Worker.run(ThreadPoolExecutor.java:624)\n    at org.apache.tomcat.util.threads.TaskThread$WrappingRunna"
     "ble.run(TaskThread.java:61)\n    at java.lang.Thread.run(Thread.java:748)|month=Apr|origin=org.apache.coy"
     "ote.http11.Http11Processor.service|severity=INFO|thread_id=http-nio-8080-exec-1|year=2018"},
    // success when delimiter found at the beginning and end of the string
    {"/var/log/%{key}.log",
     "/var/log/foobar.log",
     "",
     "key=foobar"},
    // fails when delimiter is not found at the beginning of the string
    {"/var/log/%{key}.log",
     "foobar",
     "",
     "no match"},
    // fails when delimiter is not found after the key
    {"/var/log/%{key}.log",
     "/var/log/foobar",
     "",
     "no match"},
    // simple dissect
    {"%{key}",
     "foobar",
     "",
     "key=foobar"},
    // dissect two replacement
    {"%{key1} %{key2}",
     "foo bar",
     "",
     "key1=foo|key2=bar"},
    // fail on partial match
    {"%{key1} %{key2} %{key3}",
     "foo bar",
     "",
     "no match"},
    // one level dissect not end of string
    {"/var/%{key}/log",
     "/var/foobar/log",
     "",
     "key=foobar"},
    // one level dissect
    {"/var/%{key}",
     "/var/foobar/log",
     "",
     "key=foobar/log"},
    // multiple keys dissect end of string
    {"/var/%{key}/log/%{key1}",
     "/var/foobar/log/apache",
     "",
     "key=foobar|key1=apache"},
    // multiple keys not end of string
    {"/var/%{key}/log/%{key1}.log",
     "/var/foobar/log/apache.log",
     "",
     "key=foobar|key1=apache"},
    // append with order
    {"%{+key/3} %{+key/1} %{+key/2}",
     "1 2 3",
     "",
     "key=231"},
    // append with order and separator
    {"%{+key/3} %{+key/1} %{+key/2}",
     "1 2 3",
     "::",
     "key=2::3::1"},
    // append with order and right padding
    {"%{+key/3} %{+key/1->} %{+key/2}",
     "1 2              3",
     "",
     "key=231"},
    // simple append
    {"%{key}-%{+key}-%{+key}",
     "1-2-3",
     "",
     "key=123"},
    // simple append with separator
    {"%{key}-%{+key}-%{+key}",
     "1-2-3",
     ",",
     "key=1,2,3"},
    // reference field
    {"%{*key} %{&key}",
     "hello world",
     "",
     "hello=world"},
    // reference field alt order
    {"%{&key} %{*key}",
     "hello world",
     "",
     "world=hello"},
    // nameless skip field
    {"%{} %{key}",
     "hello world",
     "",
     "key=world"},
    // named skip field
    {"%{?skipme} %{key}",
     "hello world",
     "",
     "key=world"},
    // reference without pairing
    {"%{key} %{&key}",
     "hello world",
     "",
     "no match"},
    // missing fields (consecutive delimiters)
    {"%{name},%{addr1},%{addr2},%{addr3},%{city},%{zip}",
     "Jane Doe,4321 Fifth Avenue,,,New York,87432",
     "",
     "addr1=4321 Fifth Avenue|addr2=|addr3=|city=New York|name=Jane Doe|zip=87432"},
    // missing fields with right padding (consecutive delimiters)
    {"%{name},%{addr1->},%{city},%{zip}",
     "Jane Doe,4321 Fifth Avenue,,,New York,87432",
     "",
     "addr1=4321 Fifth Avenue|city=New York|name=Jane Doe|zip=87432"},
    // ignore right padding
    {"%{id} %{function->} %{server}",
     "00000043 ViewReceive     machine-321",
     "",
     "function=ViewReceive|id=00000043|server=machine-321"},
    // padding on the last key need a delimiter
    {"%{id} %{function} %{server->} ",
     "00000043 ViewReceive machine-321    ",
     "",
     "function=ViewReceive|id=00000043|server=machine-321"},
    // ignore left padding
    {"%{id->} %{function} %{server}",
     "00000043    ViewReceive machine-321",
     "",
     "function=ViewReceive|id=00000043|server=machine-321"},
    // when the delimiters contains `{` and `}`
    {"{%{a}}{%{b}} %{rest}",
     "{c}{d} anything",
     "",
     "a=c|b=d|rest=anything"},
    // no keys defined
    {"anything",
     "anything",
     "",
     "no match"},
    // invalid key
    {"%{some?thing}",
     "anything",
     "",
     "no match"},
    // matches non-ascii
    {"%{a}\xe0\xbf\x8f%{b} %{c}",
     "\xe2\x9f\xb3\xe0\xbc\x92\xe0\xbf\x8f\xe0\xbc\x92\xe2\x9f\xb2 \xe5\xad\x90",
     "",
     "a=\xe2\x9f\xb3\xe0\xbc\x92|b=\xe0\xbc\x92\xe2\x9f\xb2|c=\xe5\xad\x90"},
};

}  // namespace block_test
