-module(warren_removal_tests).

-include_lib("eunit/include/eunit.hrl").

-define(QUEUE, "/api/queues/shop/q").

queue(Queue, Answer) ->
    Conditional = ?QUEUE "?if-empty=true&if-unused=true",
    {Client, Log} = warren_fake:client(#{{get, ?QUEUE} => {200, Queue},
                                         {delete, Conditional} => Answer,
                                         {delete, ?QUEUE} => Answer}),
    {warren_removal:remove(Client, {<<"queues">>, <<?QUEUE>>}),
     [lists:nthtail(length(?QUEUE), Path) || {delete, Path} <- warren_fake:asked(Log)]}.

a_queue_that_holds_something_stays_test_() ->
    Gone = {204, <<>>},
    [?_assertEqual({ok, [""]}, queue(<<"{\"type\":\"quorum\",\"messages\":0}">>, Gone)),
     ?_assertEqual({ok, [""]}, queue(<<"{\"type\":\"stream\"}">>, Gone)),
     ?_assertEqual({kept, []}, queue(<<"{\"type\":\"quorum\",\"consumers\":1}">>, Gone)),
     ?_assertEqual({kept, []}, queue(<<"{\"type\":\"classic\",\"messages\":2}">>, Gone))].

%% The counts are old by seconds; the queue itself knows better, where it takes the question.
a_classic_queue_looks_once_more_test_() ->
    Empty = <<"{\"type\":\"classic\",\"consumers\":0,\"messages\":0}">>,
    If = "?if-empty=true&if-unused=true",
    [?_assertEqual({ok, [If]}, queue(Empty, {204, <<>>})),
     ?_assertEqual({kept, [If]}, queue(Empty, {400, <<"not empty">>}))].

what_can_not_be_looked_at_stays_test() ->
    {Client, Log} = warren_fake:client(#{{get, ?QUEUE} => {400, <<>>}}),
    ?assertThrow({failed, _}, warren_removal:remove(Client, {<<"queues">>, <<?QUEUE>>})),
    ?assertEqual([], warren_fake:changed(Log)).

what_is_gone_already_is_no_fault_test_() ->
    {Client, _} = warren_fake:client(#{}),
    [?_assertEqual(ok, warren_removal:remove(Client, {Kind, Path}))
     || {Kind, Path} <- [{<<"queues">>, <<?QUEUE>>}, {<<"vhosts">>, <<"/api/vhosts/v">>},
                         {<<"exchanges">>, <<"/api/exchanges/v/x">>},
                         {<<"users">>, <<"/api/users/u">>},
                         {<<"bindings">>, <<"[\"v\",\"x\",\"q\",\"queue\",\"#\",{}]">>}]].

an_exchange_in_use_stays_test() ->
    {Client, _} = warren_fake:client(
                    #{{delete, "/api/exchanges/v/x?if-unused=true"} => {400, <<"in use">>}}),
    ?assertEqual(kept, warren_removal:remove(Client, {<<"exchanges">>, <<"/api/exchanges/v/x">>})).

vhost(Queues) ->
    {Client, Log} = warren_fake:client(#{{get, "/api/queues/a%2Fb"} => {200, Queues},
                                         {delete, "/api/vhosts/a%2Fb"} => {204, <<>>}}),
    {warren_removal:remove(Client, {<<"vhosts">>, <<"/api/vhosts/a%2Fb">>}),
     warren_fake:changed(Log)}.

a_vhost_with_queues_stays_test_() ->
    [?_assertEqual({ok, [{delete, "/api/vhosts/a%2Fb"}]}, vhost(<<"[]">>)),
     ?_assertEqual({kept, []}, vhost(<<"[{\"name\":\"q\"}]">>))].

only_the_binding_with_these_arguments_goes_test() ->
    Between = "/api/bindings/v/e/x/q/q",
    Bindings = <<"[{\"routing_key\":\"a\",\"arguments\":{},\"properties_key\":\"a\"},"
                 "{\"routing_key\":\"a\",\"arguments\":{\"n\":1},\"properties_key\":\"a~1/2\"},"
                 "{\"routing_key\":\"b\",\"arguments\":{\"n\":1},\"properties_key\":\"b~3\"}]">>,
    {Client, Log} = warren_fake:client(#{{get, Between} => {200, Bindings},
                                         {delete, Between ++ "/a~1%2F2"} => {204, <<>>}}),
    Item = {<<"bindings">>, <<"[\"v\",\"x\",\"q\",\"queue\",\"a\",{\"n\":1}]">>},
    ?assertEqual(ok, warren_removal:remove(Client, Item)),
    ?assertEqual([{delete, Between ++ "/a~1%2F2"}], warren_fake:changed(Log)).
