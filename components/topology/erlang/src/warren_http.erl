%% The management API of the cluster that the job runs beside, over TLS.
-module(warren_http).

-export([connect/4, client/3, at_node/2, wait_until_up/1, get/2, delete/2, put/3, post/3]).

-export_type([client/0, answer/0, method/0, send/0]).

-type method() :: get | delete | put | post.
-type answer() :: {pos_integer(), binary()} | {error, term()}.
%% Sends one request: method, URL, body ("" for none).
-type send() :: fun((method(), string(), binary()) -> answer()).

-record(client, {base :: string(), send :: send(), pause :: non_neg_integer()}).
-opaque client() :: #client{}.

%% Attempts of one request. Khepri answers 503, or nothing, while a leader is elected.
-define(ATTEMPTS, 6).

%% Attempts to find the API up, at ?PAUSE from one another: two minutes.
-define(STARTS, 60).

%% Milliseconds between attempts.
-define(PAUSE, 2000).

%% A client that verifies the server against CaFile and logs in as User.
-spec connect(string(), string(), binary(), string()) -> client().
connect(Base, User, Password, CaFile) ->
    {ok, _} = application:ensure_all_started(inets),
    {ok, _} = application:ensure_all_started(ssl),
    Login = base64:encode_to_string(iolist_to_binary([User, $:, Password])),
    Headers = [{"authorization", "Basic " ++ Login}],
    Match = public_key:pkix_verify_hostname_match_fun(https),
    Tls = [{verify, verify_peer}, {cacertfile, CaFile}, {depth, 2},
           {customize_hostname_check, [{match_fun, Match}]}],
    Options = [{ssl, Tls}, {timeout, 30000}, {connect_timeout, 5000}],
    client(Base, fun(Method, Url, Body) -> send(Method, Url, Headers, Body, Options) end, ?PAUSE).

%% A client of whatever answers; tests answer themselves.
-spec client(string(), send(), non_neg_integer()) -> client().
client(Base, Send, Pause) -> #client{base = Base, send = Send, pause = Pause}.

%% The same API, but of this node and not of whichever the service picks.
-spec at_node(client(), binary()) -> client().
at_node(#client{base = Base} = Client, Node) ->
    [_, Host] = binary:split(Node, <<"@">>),
    #{port := Port} = uri_string:parse(Base),
    Client#client{base = lists:flatten(io_lib:format("https://~ts:~b", [Host, Port]))}.

-spec get(client(), iodata()) -> answer().
get(Client, Path) -> request(Client, get, Path, <<>>, ?ATTEMPTS).

-spec delete(client(), iodata()) -> answer().
delete(Client, Path) -> request(Client, delete, Path, <<>>, ?ATTEMPTS).

-spec put(client(), iodata(), iodata()) -> answer().
put(Client, Path, Body) -> request(Client, put, Path, iolist_to_binary(Body), ?ATTEMPTS).

-spec post(client(), iodata(), iodata()) -> answer().
post(Client, Path, Body) -> request(Client, post, Path, iolist_to_binary(Body), ?ATTEMPTS).

%% Until the API answers, for two minutes.
-spec wait_until_up(client()) -> ok.
wait_until_up(Client) -> wait_until_up(Client, ?STARTS, none).

-spec wait_until_up(client(), non_neg_integer(), none | answer()) -> ok.
wait_until_up(#client{base = Base}, 0, Last) ->
    warren_log:failed("the management API at ~s did not answer within two minutes: ~tp",
                      [Base, Last]);
wait_until_up(Client, Left, _) ->
    case attempt(Client, get, "/api/overview", <<>>) of
        {200, _} -> ok;
        {401, _} ->
            warren_log:failed("the brokers do not know the administrator, or not by this password. "
                              "'warren up' makes them know it again.", []);
        Other ->
            timer:sleep(Client#client.pause),
            wait_until_up(Client, Left - 1, Other)
    end.

-spec request(client(), method(), iodata(), binary(), pos_integer()) -> answer().
request(Client, Method, Path, Body, Left) ->
    Answer = attempt(Client, Method, Path, Body),
    case worth_another(Answer) andalso Left > 1 of
        true ->
            timer:sleep(Client#client.pause),
            request(Client, Method, Path, Body, Left - 1);
        false -> Answer
    end.

-spec worth_another(answer()) -> boolean().
worth_another({error, _}) -> true;
worth_another({Code, _}) -> Code =:= 503 orelse Code =:= 500.

-spec attempt(client(), method(), iodata(), binary()) -> answer().
attempt(#client{base = Base, send = Send}, Method, Path, Body) ->
    Send(Method, lists:flatten(io_lib:format("~s~ts", [Base, Path])), Body).

-spec send(method(), string(), [{string(), string()}], binary(), [term()]) -> answer().
send(Method, Url, Headers, Body, Options) ->
    Request = case Method of
                  get -> {Url, Headers};
                  delete -> {Url, Headers};
                  _ -> {Url, Headers, "application/json", Body}
              end,
    case httpc:request(Method, Request, Options, [{body_format, binary}]) of
        {ok, {{_, Code, _}, _, Answer}} when is_binary(Answer) -> {Code, Answer};
        {error, Reason} -> {error, Reason}
    end.
