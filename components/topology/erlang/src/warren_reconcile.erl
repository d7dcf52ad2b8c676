%% Applies a definitions document to the cluster that it runs beside, and takes away what an earlier
%% document declared and this one does not. Runs in the broker's own image, so that a disaster needs
%% no other; knows RabbitMQ's management API and nothing of what runs it.
-module(warren_reconcile).

-export([main/1, run/3]).

%% Milliseconds after which counts of messages and consumers are sure to be newer than what was done
%% before: collect_statistics_interval is 10 s by default.
-define(STATISTICS_ARE_NEW, 12000).

-spec main([string()]) -> ok | no_return().
main([Base, DocumentFile, PasswordFile, CaFile, User]) ->
    {ok, Password} = file:read_file(PasswordFile),
    {ok, Body} = file:read_file(DocumentFile),
    try
        run(warren_http:connect(Base, User, string:trim(Password), CaFile), Body,
            ?STATISTICS_ARE_NEW)
    catch
        throw:{failed, Why} ->
            warren_log:say("FAILED: ~ts", [Why]),
            halt(1)
    end;
main(_) ->
    warren_log:say("FAILED: usage: reconcile.escript BASE_URL DOCUMENT PASSWORD_FILE CA_FILE USER",
                   []),
    halt(1).

%% The whole of it. Pause: milliseconds until statistics are new.
-spec run(warren_http:client(), binary(), non_neg_integer()) -> ok.
run(Client, Body, Pause) ->
    Wanted = json:decode(Body),
    warren_http:wait_until_up(Client),
    warren_checks:unchangeable(Client, Wanted),
    Before = warren_memory:read(Client),
    import(Client, Body, Wanted),
    Now = warren_document:declared(Wanted),
    Stale = warren_document:in_order(Before -- Now),
    {Late, Early} = lists:partition(fun warren_document:may_hold_messages/1, Stale),
    lists:foreach(fun(Item) -> warren_removal:remove(Client, Item) end, Early),
    warren_links:forget_dead(Client, Wanted, Before ++ Now, Pause),
    Late =:= [] orelse timer:sleep(Pause),
    Kept = [Item || Item <- Late, warren_removal:remove(Client, Item) =:= kept],
    warren_checks:present(Client, Wanted),
    warren_memory:write(Client, Now ++ Kept),
    warren_log:say("done", []).

-spec import(warren_http:client(), binary(), warren_document:document()) -> ok.
import(Client, Body, Wanted) ->
    case warren_http:post(Client, "/api/definitions", Body) of
        {Code, _} when Code =:= 200; Code =:= 204 ->
            warren_log:say("imported ~ts", [warren_document:summary(Wanted)]);
        {error, Reason} ->
            warren_log:failed("the broker did not answer to the definitions: ~tp", [Reason]);
        {Code, Reason} ->
            warren_log:failed("the broker refused the definitions (HTTP ~b): ~ts", [Code, Reason])
    end.
