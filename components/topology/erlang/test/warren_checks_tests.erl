-module(warren_checks_tests).

-include_lib("eunit/include/eunit.hrl").

document(Arguments, Type) ->
    #{<<"queues">> => [#{<<"vhost">> => <<"shop">>, <<"name">> => <<"q">>, <<"durable">> => true,
                         <<"auto_delete">> => false, <<"arguments">> => Arguments}],
      <<"exchanges">> => [#{<<"vhost">> => <<"shop">>, <<"name">> => <<"x">>, <<"type">> => Type,
                            <<"durable">> => true, <<"auto_delete">> => false,
                            <<"internal">> => false, <<"arguments">> => #{}}]}.

check(Queue, Exchange, Document) ->
    {Client, _} = warren_fake:client(#{{get, "/api/queues/shop/q"} => Queue,
                                       {get, "/api/exchanges/shop/x"} => Exchange}),
    warren_checks:unchangeable(Client, Document).

-define(QUORUM, #{<<"x-queue-type">> => <<"quorum">>}).
-define(NOT_THERE, {404, <<>>}).

as_declared_test_() ->
    Queue = {200, <<"{\"arguments\":{\"x-queue-type\":\"quorum\"},\"messages\":3}">>},
    Exchange = {200, <<"{\"type\":\"topic\",\"durable\":true,\"internal\":false,\"arguments\":[],"
                       "\"policy\":\"p\"}">>},
    Document = document(?QUORUM, <<"topic">>),
    [?_assertEqual(ok, check(Queue, Exchange, Document)),
     ?_assertEqual(ok, check(?NOT_THERE, ?NOT_THERE, Document)),
     ?_assertEqual(ok, check({200, <<"{\"arguments\":[]}">>}, ?NOT_THERE,
                             document(#{}, <<"topic">>)))].

another_queue_is_refused_test_() ->
    Document = document(?QUORUM, <<"topic">>),
    [?_assertThrow({failed, <<"queue q in vhost shop exists with arguments ", _/binary>>},
                   check({200, Body}, ?NOT_THERE, Document))
     || Body <- [<<"{\"arguments\":{\"x-queue-type\":\"classic\"}}">>, <<"{\"arguments\":[]}">>,
                 <<"{\"arguments\":{\"x-queue-type\":\"quorum\",\"x-max-length\":1}}">>]].

another_exchange_is_refused_test_() ->
    Document = document(?QUORUM, <<"topic">>),
    [?_assertThrow({failed, <<"exchange x in vhost shop exists as ", _/binary>>},
                   check(?NOT_THERE, {200, Body}, Document))
     || Body <- [<<"{\"type\":\"fanout\",\"durable\":true,\"internal\":false,\"arguments\":{}}">>,
                 <<"{\"type\":\"topic\",\"durable\":true,\"internal\":true,\"arguments\":{}}">>,
                 <<"{\"type\":\"topic\",\"durable\":true,\"internal\":false,"
                   "\"arguments\":{\"alternate-exchange\":\"y\"}}">>]].

what_can_not_be_read_is_no_yes_test() ->
    ?assertThrow({failed, _}, check({400, <<"no">>}, ?NOT_THERE, document(?QUORUM, <<"topic">>))).

what_is_not_there_after_the_import_is_named_test() ->
    {Client, _} = warren_fake:client(#{{get, "/api/users/a"} => {200, <<"{}">>}}),
    Users = #{<<"users">> => [#{<<"name">> => <<"a">>}, #{<<"name">> => <<"b">>}]},
    ?assertThrow({failed, <<"declared but not there after the import: /api/users/b">>},
                 warren_checks:present(Client, Users)).
