%% A management API that answers as the test says, and remembers what it was asked.
-module(warren_fake).

-export([client/1, asked/1, changed/1]).

-export_type([answers/0]).

%% By method and path. A list is answered in turn, its last element again and again.
-type answers() :: #{{warren_http:method(), string()} =>
                         warren_http:answer() | [warren_http:answer()]}.

-spec client(answers()) -> {warren_http:client(), ets:table()}.
client(Answers) ->
    Log = ets:new(log, [ordered_set, public]),
    Send = fun(Method, "https://broker:15671" ++ Path, Body) -> answer(Log, Answers, Method, Path, Body);
              (Method, Elsewhere, Body) -> answer(Log, Answers, Method, Elsewhere, Body)
           end,
    {warren_http:client("https://broker:15671", Send, 0), Log}.

answer(Log, Answers, Method, Path, Body) ->
    Times = length([1 || {_, M, P, _} <- ets:tab2list(Log), M =:= Method, P =:= Path]),
    ets:insert(Log, {ets:info(Log, size), Method, Path, Body}),
    case maps:get({Method, Path}, Answers, {404, <<"{}">>}) of
        Several when is_list(Several) -> lists:nth(min(Times + 1, length(Several)), Several);
        One -> One
    end.

%% Method and path of all requests, in order.
-spec asked(ets:table()) -> [{warren_http:method(), string()}].
asked(Log) -> [{Method, Path} || {_, Method, Path, _} <- ets:tab2list(Log)].

%% Requests that change something.
-spec changed(ets:table()) -> [{warren_http:method(), string()}].
changed(Log) -> [{Method, Path} || {Method, Path} <- asked(Log), Method =/= get].
