%% Taking away what is no longer declared. Never taken away: queues that hold messages or have
%% consumers, vhosts with queues, exchanges in use.
-module(warren_removal).

-export([remove/2]).

%% Takes an object away; `kept` when it stays, and the log says why.
-spec remove(warren_http:client(), warren_document:item()) -> ok | kept.
remove(Client, {<<"queues">>, Path}) -> queue(Client, Path);
remove(Client, {<<"exchanges">>, Path}) -> exchange(Client, Path);
remove(Client, {<<"vhosts">>, Path}) -> vhost(Client, Path);
remove(Client, {<<"bindings">>, Encoded}) -> binding(Client, Encoded);
remove(Client, {_, Path}) -> delete(Client, Path).

%% A queue that has messages, acknowledged or not, or consumers, stays. Its bindings went first, and the
%% counts are newer than the last of them. Classic queues look once more as they go; quorum queues and
%% streams do not take if-empty and if-unused (rabbit_quorum_queue, rabbit_stream_queue: not_implemented).
%% No message is got to see whether there is one: streams do not take basic.get, and the administrator
%% may open no connection to queues.
-spec queue(warren_http:client(), binary()) -> ok | kept.
queue(Client, Path) ->
    case warren_http:get(Client, Path) of
        {404, _} -> ok;
        {200, Body} ->
            Queue = json:decode(Body),
            Busy = maps:get(<<"consumers">>, Queue, 0) + maps:get(<<"messages">>, Queue, 0),
            case {Busy, Queue} of
                {0, #{<<"type">> := <<"classic">>}} -> classic_queue(Client, Path);
                {0, _} -> delete(Client, Path);
                _ -> kept(Path)
            end;
        Other -> warren_log:refused(Path, Other)
    end.

-spec classic_queue(warren_http:client(), binary()) -> ok | kept.
classic_queue(Client, Path) ->
    case warren_http:delete(Client, [Path, "?if-empty=true&if-unused=true"]) of
        {204, _} -> warren_log:say("removed ~ts", [Path]);
        {404, _} -> ok;
        {400, _} -> kept(Path);
        Other -> warren_log:refused(Path, Other)
    end.

-spec kept(binary()) -> kept.
kept(Path) ->
    warren_log:say("KEPT queue ~ts, which is no longer declared: it holds messages or has consumers. "
                   "Once it is drained, the next up removes it.", [Path]),
    kept.

-spec exchange(warren_http:client(), binary()) -> ok | kept.
exchange(Client, Path) ->
    case warren_http:delete(Client, [Path, "?if-unused=true"]) of
        {204, _} -> warren_log:say("removed exchange ~ts", [Path]);
        {404, _} -> ok;
        {400, Why} ->
            warren_log:say("KEPT exchange ~ts, which is no longer declared: it is in use (~ts).",
                           [Path, Why]),
            kept;
        Other -> warren_log:refused(Path, Other)
    end.

-spec vhost(warren_http:client(), binary()) -> ok | kept.
vhost(Client, Path) ->
    Name = lists:last(binary:split(Path, <<"/">>, [global])),
    case warren_http:get(Client, ["/api/queues/", Name]) of
        {200, Body} ->
            case json:decode(Body) of
                [] -> delete(Client, Path);
                Queues ->
                    warren_log:say("KEPT vhost ~ts, which is no longer declared: it has ~p queue(s). "
                                   "Once they are drained and gone, the next up removes it.",
                                   [Path, length(Queues)]),
                    kept
            end;
        {404, _} -> ok;
        Other -> warren_log:refused(Path, Other)
    end.

-spec binding(warren_http:client(), binary()) -> ok.
binding(Client, Encoded) ->
    [V, S, D, T, K, Arguments] = json:decode(Encoded),
    Kind = case T of <<"queue">> -> "q"; _ -> "e" end,
    Between = warren_document:path(["bindings", V, "e", S, Kind, D]),
    case warren_http:get(Client, Between) of
        {200, Body} ->
            lists:foreach(fun(Key) -> delete(Client, [Between, "/", uri_string:quote(Key)]) end,
                          [Key || #{<<"routing_key">> := RK, <<"arguments">> := A,
                                    <<"properties_key">> := Key} <- json:decode(Body),
                                  RK =:= K, A =:= Arguments]);
        {404, _} -> ok;
        Other -> warren_log:refused(Between, Other)
    end.

-spec delete(warren_http:client(), iodata()) -> ok.
delete(Client, Path) ->
    case warren_http:delete(Client, Path) of
        {204, _} -> warren_log:say("removed ~ts", [Path]);
        {404, _} -> ok;
        Other -> warren_log:refused(Path, Other)
    end.
