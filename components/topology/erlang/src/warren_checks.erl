%% What an import does not tell by itself.
-module(warren_checks).

-export([unchangeable/2, present/2]).

%% An import leaves a queue or an exchange that exists as it is, whatever the document says of it
%% (rabbit_definitions.erl declares them, and a declaration takes what is there).
-spec unchangeable(warren_http:client(), warren_document:document()) -> ok.
unchangeable(Client, Document) ->
    lists:foreach(fun(Queue) -> queue(Client, Queue) end,
                  warren_document:section(<<"queues">>, Document)),
    lists:foreach(fun(Exchange) -> exchange(Client, Exchange) end,
                  warren_document:section(<<"exchanges">>, Document)).

-spec queue(warren_http:client(), warren_document:object()) -> ok.
queue(Client, #{<<"vhost">> := V, <<"name">> := N} = Queue) ->
    Wanted = arguments(Queue),
    case live(Client, warren_document:path(["queues", V, N])) of
        none -> ok;
        Live ->
            case arguments(Live) of
                Wanted -> ok;
                Has ->
                    warren_log:failed(
                      "queue ~ts in vhost ~ts exists with arguments ~ts, and ~ts is declared. A "
                      "queue's type and arguments can't change. Declare it as it is, or drain and "
                      "delete it by hand and run up again.",
                      [N, V, json:encode(Has), json:encode(Wanted)])
            end
    end.

-spec exchange(warren_http:client(), warren_document:object()) -> ok.
exchange(Client, #{<<"vhost">> := V, <<"name">> := N} = Exchange) ->
    Wanted = shape(Exchange),
    case live(Client, warren_document:path(["exchanges", V, N])) of
        none -> ok;
        Live ->
            case shape(Live) of
                Wanted -> ok;
                Has ->
                    warren_log:failed(
                      "exchange ~ts in vhost ~ts exists as ~ts, and ~ts is declared. What an "
                      "exchange is can't change. Declare it as it is, or delete it by hand, when no "
                      "one publishes to it, and run up again.",
                      [N, V, json:encode(Has), json:encode(Wanted)])
            end
    end.

%% What makes an exchange another one.
-spec shape(warren_document:object()) -> warren_document:object().
shape(Exchange) ->
    Fixed = maps:with([<<"type">>, <<"durable">>, <<"internal">>], Exchange),
    maps:merge(#{<<"internal">> => false}, Fixed#{<<"arguments">> => arguments(Exchange)}).

%% The broker gives a table without members as an empty list.
-spec arguments(warren_document:object()) -> warren_document:object().
arguments(Object) ->
    case maps:get(<<"arguments">>, Object, #{}) of
        [] -> #{};
        Table -> Table
    end.

-spec live(warren_http:client(), binary()) -> none | warren_document:object().
live(Client, Path) ->
    case warren_http:get(Client, Path) of
        {200, Body} -> json:decode(Body);
        {404, _} -> none;
        Other -> warren_log:refused(Path, Other)
    end.

%% The API answers before the metadata store has agreed everywhere; believe what can be read back.
-spec present(warren_http:client(), warren_document:document()) -> ok.
present(Client, Document) ->
    case [Path || {Kind, Path} <- warren_document:declared(Document),
                  Kind =/= <<"bindings">>, Kind =/= <<"queues">>,
                  element(1, warren_http:get(Client, Path)) =/= 200] of
        [] -> ok;
        Missing ->
            warren_log:failed("declared but not there after the import: ~ts",
                              [lists:join(", ", Missing)])
    end.
