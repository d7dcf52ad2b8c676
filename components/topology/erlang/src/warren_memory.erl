%% What the cluster remembers of what was declared: the global parameter warren_declared. It outlives
%% the engine and its state. It is written last, so that a run that is killed leaves the old list, and
%% the next one still knows what to take away.
-module(warren_memory).

-export([read/1, write/2]).

-define(PATH, "/api/global-parameters/warren_declared").

-spec read(warren_http:client()) -> [warren_document:item()].
read(Client) ->
    case warren_http:get(Client, ?PATH) of
        {200, Body} ->
            #{<<"value">> := Value} = json:decode(Body),
            [{Kind, Path} || Kind := Paths <- object(Value), Path <- Paths];
        {404, _} -> [];
        Other -> warren_log:refused(?PATH, Other)
    end.

-spec write(warren_http:client(), [warren_document:item()]) -> ok.
write(Client, Items) ->
    Value = maps:groups_from_list(fun({Kind, _}) -> Kind end, fun({_, Path}) -> Path end, Items),
    Body = json:encode(#{<<"name">> => <<"warren_declared">>, <<"value">> => Value}),
    case warren_http:put(Client, ?PATH, Body) of
        {Code, _} when Code =:= 201; Code =:= 204 -> ok;
        Other -> warren_log:refused(?PATH, Other)
    end.

%% The broker gives an object without members as an empty list.
-spec object(term()) -> #{binary() => [binary()]}.
object([]) -> #{};
object(Value) -> Value.
