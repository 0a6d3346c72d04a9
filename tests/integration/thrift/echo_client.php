<?php
// Calls the echo service as a generated client does. Usage: echo_client.php GENERATED_FOLDER PORT framed|buffered NAME
// CLIENTS. Prints "done", or fails with what was wrong.
spl_autoload_register(function ($class) use ($argv) {
    $path = str_starts_with($class, 'Thrift\\')
        ? '/usr/lib/php/' . str_replace('\\', '/', substr($class, 7)) . '.php'
        : $argv[1] . '/' . $class . '.php';
    if (is_file($path)) require $path;
});

[, , $port, $kind, $name, $clients] = $argv;

function connected(int $port, string $kind): array {
    $socket = new Thrift\Transport\TSocket('127.0.0.1', $port);
    $socket->setRecvTimeout(20000);
    $transport = $kind === 'framed'
        ? new Thrift\Transport\TFramedTransport($socket)
        : new Thrift\Transport\TBufferedTransport($socket);
    $transport->open();
    return [$transport, new echo_serviceClient(new Thrift\Protocol\TBinaryProtocol($transport))];
}

function expect($got, $wanted): void {
    if ($got === $wanted) return;
    fwrite(STDERR, 'got ' . var_export($got, true) . ', not ' . var_export($wanted, true) . "\n");
    exit(1);
}

[$transport, $client] = connected($port, $kind);
expect($client->name(), $name);
$large = str_repeat('x', 300000);
expect($client->echo($large), $large);
expect($client->add(2, 40), 42);
try {
    $client->add(-1, 0);
    expect('an answer', 'an exception');
} catch (echo_refused $refused) {
    expect($refused->why, 'less than nothing');
}
try {
    $client->fail();
    expect('an answer', 'an exception');
} catch (Thrift\Exception\TApplicationException $failed) {
}
for ($i = 0; $i < 20; ++$i) {
    $client->note('remember');
    expect($client->add($i, 1), $i + 1);
}
$transport->close();
for ($i = 0; $i < (int) $clients; ++$i) {
    [$transport, $client] = connected($port, $kind);
    expect($client->add($i, 1), $i + 1);
    $transport->close();
}
echo "done\n";
