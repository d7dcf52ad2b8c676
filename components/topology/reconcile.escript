#!/usr/bin/env escript
%%! -noshell
%% Applies a definitions document to the cluster that it runs beside, and takes away what an earlier
%% document declared and this one does not. Runs in the broker's own image, so that a disaster needs
%% no other; talks to the management API over TLS.
%%
%% What was declared is remembered in the cluster itself, in the global parameter warren_declared, so
%% that it outlives the engine and its state. It is written last: a run that is killed leaves the old
%% list, and the next run still knows what to take away.
%%
%% Never taken away: queues that hold messages or have consumers, vhosts with such queues.
%%
%% Usage: reconcile.escript BASE_URL DOCUMENT PASSWORD_FILE CA_FILE USER
-mode(compile).

%% Milliseconds after which counts of messages and consumers are sure to be newer than what was done
%% before: collect_statistics_interval is 10 s by default.
-define(STATISTICS_ARE_NEW, 12000).

%% Milliseconds after which a link that nothing hinders has started.
-define(LINKS_HAVE_STARTED, 3000).

main([Base, Document, PasswordFile, CaFile, User]) ->
    {ok, _} = application:ensure_all_started(inets),
    {ok, _} = application:ensure_all_started(ssl),
    {ok, Password} = file:read_file(PasswordFile),
    {ok, Body} = file:read_file(Document),
    Login = iolist_to_binary([User, $:, string:trim(Password)]),
    Auth = "Basic " ++ base64:encode_to_string(Login),
    put(base, Base),
    put(auth, Auth),
    put(ssl, [{verify, verify_peer}, {cacertfile, CaFile}, {depth, 2},
              {customize_hostname_check,
               [{match_fun, public_key:pkix_verify_hostname_match_fun(https)}]}]),
    Wanted = json:decode(Body),
    wait_until_up(60),
    check_arguments(Wanted),
    Before = remembered(),
    case request(post, "/api/definitions", Body) of
        {Code, _} when Code =:= 200; Code =:= 204 -> say("imported ~s", [summary(Wanted)]);
        {Code, Reason} -> fail("the broker refused the definitions (HTTP ~p): ~ts", [Code, Reason])
    end,
    Now = declared(Wanted),
    {Queues, Others} = lists:partition(fun({Kind, _}) -> late(Kind) end, order(Before -- Now)),
    [remove(Kind, Path) || {Kind, Path} <- Others],
    forget_dead_links(Wanted, Before ++ Now, 5),
    Queues =:= [] orelse timer:sleep(?STATISTICS_ARE_NEW),
    Kept = [Item || {Kind, Path} = Item <- Queues, remove(Kind, Path) =:= kept],
    verify(Wanted),
    remember(Now ++ Kept),
    say("done", []);
main(_) ->
    fail("usage: reconcile.escript BASE_URL DOCUMENT PASSWORD_FILE CA_FILE USER", []).

%% -- what a document declares, as paths of the management API ---------------------------------

declared(Doc) ->
    lists:usort(
      [{<<"vhosts">>, path(["vhosts", N])} || #{<<"name">> := N} <- list(<<"vhosts">>, Doc)] ++
      [{<<"users">>, path(["users", N])} || #{<<"name">> := N} <- list(<<"users">>, Doc)] ++
      [{<<"permissions">>, path(["permissions", V, U])}
       || #{<<"vhost">> := V, <<"user">> := U} <- list(<<"permissions">>, Doc)] ++
      [{<<"parameters">>, path(["parameters", C, V, N])}
       || #{<<"component">> := C, <<"vhost">> := V, <<"name">> := N} <- list(<<"parameters">>, Doc)] ++
      [{<<"policies">>, path(["policies", V, N])}
       || #{<<"vhost">> := V, <<"name">> := N} <- list(<<"policies">>, Doc)] ++
      [{<<"exchanges">>, path(["exchanges", V, N])}
       || #{<<"vhost">> := V, <<"name">> := N} <- list(<<"exchanges">>, Doc)] ++
      [{<<"queues">>, path(["queues", V, N])}
       || #{<<"vhost">> := V, <<"name">> := N} <- list(<<"queues">>, Doc)] ++
      [{<<"bindings">>, binding(B)} || B <- list(<<"bindings">>, Doc)]).

%% A binding's own path ends in a key that the broker makes from routing key and arguments, so the
%% list holds what is needed to find it again.
binding(#{<<"vhost">> := V, <<"source">> := S, <<"destination">> := D,
          <<"destination_type">> := T, <<"routing_key">> := K} = B) ->
    iolist_to_binary(json:encode([V, S, D, T, K, maps:get(<<"arguments">>, B, #{})])).

%% Links first (policies and parameters), then rights, then what messages flow through.
order(Stale) ->
    Rank = #{<<"policies">> => 1, <<"parameters">> => 2, <<"permissions">> => 3, <<"users">> => 4,
             <<"bindings">> => 5, <<"queues">> => 6, <<"exchanges">> => 7, <<"vhosts">> => 8},
    lists:sort(fun({A, _}, {B, _}) -> maps:get(A, Rank, 9) =< maps:get(B, Rank, 9) end, Stale).

%% What may hold messages, or leads to what may.
late(Kind) -> lists:member(Kind, [<<"queues">>, <<"exchanges">>, <<"vhosts">>]).

%% -- taking away ----------------------------------------------------------------------------

%% A queue that has messages, acknowledged or not, or consumers, stays. Its bindings went first, and the
%% counts are newer than the last of them. Classic queues look once more as they go; quorum queues and
%% streams do not take if-empty and if-unused (rabbit_quorum_queue, rabbit_stream_queue: not_implemented).
%% No message is got to see whether there is one: streams do not take basic.get, and the administrator
%% may open no connection to queues.
remove(<<"queues">>, Path) ->
    case request(get, Path, <<>>) of
        {404, _} -> ok;
        {200, Body} ->
            Queue = json:decode(Body),
            Busy = maps:get(<<"consumers">>, Queue, 0) + maps:get(<<"messages">>, Queue, 0),
            case {Busy, Queue} of
                {0, #{<<"type">> := <<"classic">>}} ->
                    case request(delete, [Path, "?if-empty=true&if-unused=true"], <<>>) of
                        {204, _} -> say("removed ~ts", [Path]);
                        {404, _} -> ok;
                        {400, _} -> kept(Path);
                        Other -> broken(Path, Other)
                    end;
                {0, _} -> delete(Path);
                _ -> kept(Path)
            end;
        Other -> broken(Path, Other)
    end;
remove(<<"exchanges">>, Path) ->
    case request(delete, [Path, "?if-unused=true"], <<>>) of
        {204, _} -> say("removed exchange ~ts", [Path]);
        {404, _} -> ok;
        {400, Why} ->
            say("KEPT exchange ~ts, which is no longer declared: it is in use (~ts).", [Path, Why]),
            kept;
        Other -> broken(Path, Other)
    end;
remove(<<"vhosts">>, Path) ->
    Name = lists:last(binary:split(Path, <<"/">>, [global])),
    case request(get, ["/api/queues/", Name], <<>>) of
        {200, Body} ->
            case json:decode(Body) of
                [] -> delete(Path);
                Queues ->
                    say("KEPT vhost ~ts, which is no longer declared: it has ~p queue(s). Once they "
                        "are drained and gone, the next up removes it.", [Path, length(Queues)]),
                    kept
            end;
        {404, _} -> ok;
        Other -> broken(Path, Other)
    end;
remove(<<"bindings">>, Encoded) ->
    [V, S, D, T, K, Arguments] = json:decode(Encoded),
    Kind = case T of <<"queue">> -> "q"; _ -> "e" end,
    Between = path(["bindings", V, "e", S, Kind, D]),
    case request(get, Between, <<>>) of
        {200, Body} ->
            [delete([Between, "/", uri_string:quote(P)])
             || #{<<"routing_key">> := RK, <<"arguments">> := A, <<"properties_key">> := P}
                    <- json:decode(Body), RK =:= K, A =:= Arguments];
        {404, _} -> ok;
        Other -> broken(Between, Other)
    end;
remove(_, Path) ->
    delete(Path).

kept(Path) ->
    say("KEPT queue ~ts, which is no longer declared: it holds messages or has consumers. Once it is "
        "drained, the next up removes it.", [Path]),
    kept.

delete(Path) ->
    case request(delete, Path, <<>>) of
        {204, _} -> say("removed ~ts", [Path]);
        {404, _} -> ok;
        Other -> broken(Path, Other)
    end.

%% -- reports of links that are no more --------------------------------------------------------

%% When an exchange's federation changes, RabbitMQ stops its links wherever they run, and forgets their
%% reports on the node that took the change (rabbit_federation_exchange.erl, maybe_stop). A link that
%% runs takes back its own; one that was down, as after the loss of its upstream, or just starting does
%% not, and its node would report it as it was until it restarts. So that node is told too.
forget_dead_links(Wanted, Ours, Left) ->
    case {dead_links(Wanted, Ours), Left} of
        {[], _} -> ok;
        {Dead, 0} ->
            [say("NOTE: node ~ts still reports a link of exchange ~ts in vhost ~ts that is gone; it "
                 "will until it restarts.", [Node, X, V]) || {V, X, Node} <- Dead];
        {Dead, _} ->
            [forget(V, X, Node, Wanted) || {V, X, Node} <- Dead],
            timer:sleep(?LINKS_HAVE_STARTED),
            forget_dead_links(Wanted, Ours, Left - 1)
    end.

%% Reports of what is not declared, and all but the newest of what is: a link runs on one node.
%% Exchanges that others federated by hand are not looked at.
dead_links(Wanted, Ours) ->
    Carried = carried(Wanted),
    case request(get, "/api/federation-links", <<>>) of
        {200, Body} ->
            Reports = [{{V, X, U}, {Since, Status =:= <<"running">>, Node}}
                       || #{<<"vhost">> := V, <<"exchange">> := X, <<"upstream">> := U,
                            <<"timestamp">> := Since, <<"status">> := Status, <<"node">> := Node}
                              <- json:decode(Body),
                          lists:member({<<"policies">>, path(["policies", V, link_policy(X)])}, Ours)],
            lists:usort(
              [{V, X, Node}
               || {{V, X, _} = Link, {_, _, Node} = Report} <- Reports,
                  not lists:member(Link, Carried) orelse
                      Report < lists:max([Other || {L, Other} <- Reports, L =:= Link])]);
        {404, _} -> [];
        Other -> broken("/api/federation-links", Other)
    end.

link_policy(Exchange) -> <<"warren.federation.", Exchange/binary>>.

carried(Doc) ->
    [{V, X, U}
     || #{<<"vhost">> := V, <<"name">> := <<"warren.federation.", X/binary>>,
          <<"definition">> := #{<<"federation-upstream-set">> := Set}} <- list(<<"policies">>, Doc),
        #{<<"component">> := <<"federation-upstream-set">>, <<"vhost">> := SetV, <<"name">> := SetName,
          <<"value">> := Members} <- list(<<"parameters">>, Doc),
        SetV =:= V, SetName =:= Set,
        #{<<"upstream">> := U} <- Members].

%% Takes the exchange's federation away once more, at the node that remembers. What is declared comes
%% back at once; a run that is killed in between is run again, and imports it.
forget(V, X, Node, Wanted) ->
    Path = path(["policies", V, link_policy(X)]),
    case [P || #{<<"vhost">> := PV, <<"name">> := N} = P <- list(<<"policies">>, Wanted),
               PV =:= V, N =:= link_policy(X)] of
        [Policy] ->
            tell(Node, X, Path),
            put_policy(Path, maps:with([<<"pattern">>, <<"apply-to">>, <<"priority">>,
                                        <<"definition">>], Policy));
        [] ->
            case put_policy(Path, nothing_federated(V, X)) of
                ok -> tell(Node, X, Path);
                refused -> ok
            end
    end.

tell(Node, X, Path) ->
    case at(Node, fun() -> request(delete, Path, <<>>) end) of
        {204, _} -> say("node ~ts was told that a link of exchange ~ts is gone", [Node, X]);
        Other -> say("node ~ts could not be told that a link of exchange ~ts is gone: ~tp",
                     [Node, X, Other])
    end.

%% What is in force for the exchange, federated with a set of upstreams that does not exist. One policy
%% at a time is in force, so a bare one would take, for that moment, an alternate exchange away.
nothing_federated(V, X) ->
    InForce = case request(get, path(["exchanges", V, X]), <<>>) of
                  {200, Body} ->
                      case json:decode(Body) of
                          #{<<"policy">> := Name} when is_binary(Name) -> policy(V, Name);
                          _ -> #{}
                      end;
                  _ -> #{}
              end,
    Definition = maps:without([<<"federation-upstream">>, <<"federation-upstream-pattern">>],
                              maps:get(<<"definition">>, InForce, #{})),
    Escaped = re:replace(X, "[][\\\\^$.|?*+(){}]", "\\\\&", [global, unicode, {return, binary}]),
    #{<<"pattern">> => <<"^", Escaped/binary, "$">>,
      <<"apply-to">> => <<"exchanges">>,
      <<"priority">> => maps:get(<<"priority">>, InForce, 0) + 1,
      <<"definition">> => Definition#{<<"federation-upstream-set">> => <<"warren.none">>}}.

policy(V, Name) ->
    case request(get, path(["policies", V, Name]), <<>>) of
        {200, Body} -> json:decode(Body);
        _ -> #{}
    end.

put_policy(Path, Policy) ->
    case request(put, Path, iolist_to_binary(json:encode(Policy))) of
        {Code, _} when Code =:= 201; Code =:= 204 -> ok;
        Other -> say("~ts was refused: ~tp", [Path, Other]), refused
    end.

%% Sends what Fun sends to this node, not to whichever the service picks.
at(Node, Fun) ->
    Service = get(base),
    [_, Host] = binary:split(Node, <<"@">>),
    #{port := Port} = uri_string:parse(Service),
    put(base, io_lib:format("https://~ts:~b", [Host, Port])),
    try Fun() after put(base, Service) end.

%% -- checks ---------------------------------------------------------------------------------

%% An import leaves a queue that exists as it is, whatever the document says of its arguments.
check_arguments(Doc) ->
    [check_queue(Q) || Q <- list(<<"queues">>, Doc)],
    ok.

check_queue(#{<<"vhost">> := V, <<"name">> := N, <<"arguments">> := Wanted}) ->
    case request(get, path(["queues", V, N]), <<>>) of
        {200, Body} ->
            #{<<"arguments">> := Live} = json:decode(Body),
            case maps:with(maps:keys(Wanted), Live) =:= Wanted andalso
                 maps:keys(Live) -- maps:keys(Wanted) =:= [] of
                true -> ok;
                false ->
                    fail("queue ~ts in vhost ~ts exists with arguments ~ts, and ~ts is declared. A "
                         "queue's type and arguments can't change. Declare it as it is, or drain "
                         "and delete it by hand and run up again.",
                         [N, V, json:encode(Live), json:encode(Wanted)])
            end;
        {404, _} -> ok;
        Other -> broken(path(["queues", V, N]), Other)
    end.

%% The API answers before the metadata store has agreed everywhere; believe what can be read back.
verify(Doc) ->
    Missing = [Path || {Kind, Path} <- declared(Doc), Kind =/= <<"bindings">>,
                       Kind =/= <<"queues">>, element(1, request(get, Path, <<>>)) =/= 200],
    case Missing of
        [] -> ok;
        _ -> fail("declared but not there after the import: ~ts", [lists:join(", ", Missing)])
    end.

%% -- memory ---------------------------------------------------------------------------------

remembered() ->
    case request(get, "/api/global-parameters/warren_declared", <<>>) of
        {200, Body} ->
            #{<<"value">> := Value} = json:decode(Body),
            [{Kind, Path} || Kind := Paths <- Value, Path <- Paths];
        {404, _} -> [];
        Other -> broken("/api/global-parameters/warren_declared", Other)
    end.

remember(Items) ->
    Value = maps:groups_from_list(fun({Kind, _}) -> Kind end, fun({_, Path}) -> Path end, Items),
    Body = json:encode(#{<<"name">> => <<"warren_declared">>, <<"value">> => Value}),
    case request(put, "/api/global-parameters/warren_declared", iolist_to_binary(Body)) of
        {Code, _} when Code =:= 201; Code =:= 204 -> ok;
        Other -> broken("/api/global-parameters/warren_declared", Other)
    end.

%% -- HTTP -----------------------------------------------------------------------------------

wait_until_up(0) ->
    fail("the management API at ~s did not answer within two minutes: ~p", [get(base), get(last)]);
wait_until_up(Left) ->
    case attempt(get, "/api/overview", <<>>) of
        {200, _} -> ok;
        {401, _} -> fail("the broker does not know the administrator's password. Its boot "
                         "definitions hold it: is the broker still being rolled?", []);
        Other -> put(last, Other), timer:sleep(2000), wait_until_up(Left - 1)
    end.

%% Khepri answers 503 or times out for a moment while a leader is elected.
request(Method, Path, Body) -> request(Method, Path, Body, 5).

request(Method, Path, Body, Left) ->
    case attempt(Method, Path, Body) of
        {Code, _} when Code =:= 503, Left > 0; Code =:= 500, Left > 0 ->
            timer:sleep(2000), request(Method, Path, Body, Left - 1);
        {error, _} when Left > 0 ->
            timer:sleep(2000), request(Method, Path, Body, Left - 1);
        Answer -> Answer
    end.

attempt(Method, Path, Body) ->
    Url = lists:flatten(io_lib:format("~s~ts", [get(base), Path])),
    Headers = [{"authorization", get(auth)}],
    Request = case Method of
                  get -> {Url, Headers};
                  delete -> {Url, Headers};
                  _ -> {Url, Headers, "application/json", Body}
              end,
    case httpc:request(Method, Request, [{ssl, get(ssl)}, {timeout, 30000}, {connect_timeout, 5000}],
                       [{body_format, binary}]) of
        {ok, {{_, Code, _}, _, Answer}} -> {Code, Answer};
        {error, Reason} -> {error, Reason}
    end.

path(Parts) ->
    iolist_to_binary(["/api" | [["/", uri_string:quote(P)] || P <- Parts]]).

list(Key, Doc) -> maps:get(Key, Doc, []).

summary(Doc) ->
    lists:join(", ", [io_lib:format("~p ~s", [length(V), K]) || K := V <- Doc, V =/= []]).

say(Format, Arguments) -> io:format(Format ++ "~n", Arguments).

broken(Path, Answer) -> fail("~ts: unexpected answer ~tp", [Path, Answer]).

fail(Format, Arguments) ->
    io:format("FAILED: " ++ Format ++ "~n", Arguments),
    halt(1).
