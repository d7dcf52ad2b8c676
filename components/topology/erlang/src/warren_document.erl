%% A definitions document, and what it declares as paths of the management API. Pure.
-module(warren_document).

-export([declared/1, section/2, path/1, in_order/1, may_hold_messages/1, summary/1]).

-export_type([document/0, kind/0, item/0, object/0]).

%% RabbitMQ's definitions format ("Schema Definition Export and Import"), decoded.
-type document() :: #{binary() => [object()]}.
-type object() :: #{binary() => term()}.
-type kind() :: binary().
%% A declared object: its section, and its path; of a binding what is needed to find it again.
-type item() :: {kind(), binary()}.

-spec section(binary(), document()) -> [object()].
section(Key, Document) -> maps:get(Key, Document, []).

%% The path of an object; every part is quoted.
-spec path([unicode:chardata()]) -> binary().
path(Parts) -> iolist_to_binary(["/api" | [["/", uri_string:quote(Part)] || Part <- Parts]]).

%% All that a document declares.
-spec declared(document()) -> [item()].
declared(Document) ->
    lists:usort([{Kind, name(Kind, Object)}
                 || Kind <- kinds(), Object <- section(Kind, Document)]).

-spec kinds() -> [kind()].
kinds() -> [Kind || {Kind, _} <- ranks()].

-spec name(kind(), object()) -> binary().
name(<<"permissions">>, #{<<"vhost">> := V, <<"user">> := U}) -> path(["permissions", V, U]);
name(<<"parameters">>, #{<<"component">> := C, <<"vhost">> := V, <<"name">> := N}) ->
    path(["parameters", C, V, N]);
%% A binding's own path ends in a key that the broker makes from routing key and arguments.
name(<<"bindings">>, #{<<"vhost">> := V, <<"source">> := S, <<"destination">> := D,
                       <<"destination_type">> := T, <<"routing_key">> := K} = Binding) ->
    iolist_to_binary(json:encode([V, S, D, T, K, maps:get(<<"arguments">>, Binding, #{})]));
name(Kind, #{<<"vhost">> := V, <<"name">> := N}) -> path([Kind, V, N]);
name(Kind, #{<<"name">> := N}) -> path([Kind, N]).

%% In which order kinds are taken away: links first (policies and parameters), then rights, then what
%% messages flow through.
-spec ranks() -> [{kind(), pos_integer()}].
ranks() ->
    [{<<"policies">>, 1}, {<<"parameters">>, 2}, {<<"permissions">>, 3}, {<<"users">>, 4},
     {<<"bindings">>, 5}, {<<"queues">>, 6}, {<<"exchanges">>, 7}, {<<"vhosts">>, 8}].

%% The order in which items are taken away.
-spec in_order([item()]) -> [item()].
in_order(Items) ->
    Ranks = maps:from_list(ranks()),
    [Item || {_, Item} <- lists:sort([{maps:get(Kind, Ranks, 9), Item}
                                      || {Kind, _} = Item <- Items])].

%% Whether it may hold messages, or leads to what may.
-spec may_hold_messages(item()) -> boolean().
may_hold_messages({Kind, _}) ->
    lists:member(Kind, [<<"queues">>, <<"exchanges">>, <<"vhosts">>]).

%% How much of what, for the log.
-spec summary(document()) -> iolist().
summary(Document) ->
    lists:join(", ", [io_lib:format("~b ~ts", [length(Objects), Kind])
                      || {Kind, Objects} <- lists:sort(maps:to_list(Document)), Objects =/= []]).
