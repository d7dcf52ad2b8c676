-module(warren_reconcile_tests).

-include_lib("eunit/include/eunit.hrl").

-define(MEMORY, "/api/global-parameters/warren_declared").
-define(DOCUMENT, <<"{\"users\":[{\"name\":\"new\"}]}">>).

answers(Import) ->
    Remembered = <<"{\"value\":{\"users\":[\"/api/users/old\"],\"queues\":[\"/api/queues/v/old\"]}}">>,
    #{{get, "/api/overview"} => {200, <<"{}">>},
      {get, ?MEMORY} => {200, Remembered},
      {post, "/api/definitions"} => Import,
      {get, "/api/users/new"} => {200, <<"{}">>},
      {delete, "/api/users/old"} => {204, <<>>},
      {get, "/api/queues/v/old"} => {200, <<"{\"messages\":1}">>},
      {put, ?MEMORY} => {204, <<>>}}.

%% It is remembered last: a run that is killed before leaves the old list.
in_order_and_remembered_last_test() ->
    {Client, Log} = warren_fake:client(answers({204, <<>>})),
    ?assertEqual(ok, warren_reconcile:run(Client, ?DOCUMENT, 0)),
    ?assertEqual([{post, "/api/definitions"}, {delete, "/api/users/old"}, {put, ?MEMORY}],
                 warren_fake:changed(Log)).

%% A queue that was kept is known to the next run.
what_was_kept_is_remembered_test() ->
    {Client, Log} = warren_fake:client(answers({204, <<>>})),
    warren_reconcile:run(Client, ?DOCUMENT, 0),
    [Body] = [Body || {_, put, ?MEMORY, Body} <- ets:tab2list(Log)],
    ?assertEqual(#{<<"users">> => [<<"/api/users/new">>], <<"queues">> => [<<"/api/queues/v/old">>]},
                 maps:get(<<"value">>, json:decode(Body))).

a_refused_document_takes_nothing_away_test_() ->
    [fun() ->
             {Client, Log} = warren_fake:client(answers(Answer)),
             ?assertThrow({failed, _}, warren_reconcile:run(Client, ?DOCUMENT, 0)),
             ?assertEqual([], [Path || {Method, Path} <- warren_fake:changed(Log), Method =/= post])
     end || Answer <- [{400, <<"no">>}, {error, timeout}]].

what_can_not_change_is_found_before_anything_is_touched_test() ->
    {Client, Log} = warren_fake:client(
                      (answers({204, <<>>}))#{{get, "/api/queues/v/q"} =>
                                                  {200, <<"{\"arguments\":{\"a\":1}}">>}}),
    Document = <<"{\"queues\":[{\"vhost\":\"v\",\"name\":\"q\",\"arguments\":{}}]}">>,
    ?assertThrow({failed, _}, warren_reconcile:run(Client, Document, 0)),
    ?assertEqual([], warren_fake:changed(Log)).
