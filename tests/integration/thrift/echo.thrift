// The service that the client library's tests call, on each kind of server.
namespace cpp waitstate.integration_test
namespace py echo

exception echo_refused {
  1: string why
}

service echo_service {
  string name(),
  binary echo(1: binary what),
  i64 add(1: i64 left, 2: i64 right) throws (1: echo_refused refused),
  /** Answers after that many milliseconds. */
  i32 wait_for(1: i32 milliseconds),
  /** Fails with an exception that is not declared. */
  void fail(),
  oneway void note(1: string what),
  /** How many notes came to this server. */
  i64 notes(),
}
