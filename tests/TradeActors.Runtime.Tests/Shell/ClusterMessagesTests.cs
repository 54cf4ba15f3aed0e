using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using TradeActors.Abstractions.Stored;
using TradeActors.Abstractions.Transport;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Core;
using TradeActors.Runtime.Shell;
using TradeActors.Runtime.Tests.Core;
using Xunit;

namespace TradeActors.Runtime.Tests.Shell;

/// <summary>Two versions of the program talk to each other during an upgrade: these texts are a contract (docs/formats/wire.md).</summary>
public sealed class ClusterMessagesTests
{
    private static readonly EntityId A = new("t", LedgerBehavior.KindName, "a");
    private static readonly EntityId B = new("t", LedgerBehavior.KindName, "b");

    private readonly ClusterMessages _messages = new(LedgerTypes.Create(), "n1", "l1");

    [Fact]
    public void Question_comes_as_it_was_sent_and_lapses_with_its_asker()
    {
        var message = _messages.WriteQuestion(7, A, new Put("x", 3), TimeSpan.FromSeconds(10));
        Assert.Equal(("question", "l1/7", "n1", TimeSpan.FromSeconds(10)), (message.Type, message.CorrelationId, message.ReplyTo, message.LapsesAfter));
        Assert.Equal("""{"to":"t/ledger/a","type":"ledger.put.v1","body":{"Id":"x","Amount":3}}""", TextOf(message));
        Assert.Equal(new RemoteQuestion(A, new Put("x", 3), "n1", "l1/7"), _messages.ReadDelivered(message));
    }

    [Fact]
    public void Numbered_message_comes_as_it_was_sent()
    {
        var envelope = new Envelope(A, B, "lane", 5, 4, new Paid(2));
        var message = _messages.Write(envelope);
        Assert.Equal("""{"from":"t/ledger/a","to":"t/ledger/b","lane":"lane","n":5,"previous":4,"type":"ledger.paid.v1","body":{"Amount":2}}""", TextOf(message));
        Assert.Equal(new CoreInput.Delivered(envelope), _messages.ReadDelivered(message));
    }

    [Fact]
    public void Fan_out_comes_as_it_was_sent_with_the_terms_of_each_member()
    {
        var envelope = new FanOutEnvelope(A, 3, 9, new Paid(2), [new FanOutMember(A, "s1", 8, 4), new FanOutMember(B, "s2", 7)]);
        var message = _messages.Write(envelope);
        Assert.Equal(
            """{"from":"t/ledger/a","shard":3,"n":9,"type":"ledger.paid.v1","body":{"Amount":2},"members":["""
            + """{"to":"t/ledger/a","lane":"s1","previous":8,"terms":{"type":"ledger.terms.v1","body":4}},{"to":"t/ledger/b","lane":"s2","previous":7}]}""",
            TextOf(message));
        var read = Assert.IsType<CoreInput.FanOutDelivered>(_messages.ReadDelivered(message)).Envelope;
        Assert.Equal(envelope.Members.ToArray(), read.Members.ToArray());
        Assert.Equal(envelope with { Members = read.Members }, read);
    }

    [Fact]
    public void Acknowledgement_comes_as_it_was_sent()
    {
        var acknowledgement = new Acknowledgement(B, A, "", 5);
        var message = ClusterMessages.Write(acknowledgement);
        Assert.Equal("""{"receiver":"t/ledger/b","sender":"t/ledger/a","lane":"","n":5}""", TextOf(message));
        Assert.Equal(new CoreInput.Acknowledged(acknowledgement), _messages.ReadDelivered(message));
    }

    [Fact]
    public void Answer_and_failure_come_as_they_were_sent()
    {
        var message = _messages.WriteAnswers([Total("l1/7"), new QuestionAnswered("l1/8", null, AskFailure.Busy, "much to do")]);
        Assert.Equal(
            """{"answers":[{"question":"l1/7","type":"ledger.total-is.v1","body":{"Total":5,"IsRepeat":false}},"""
            + """{"question":"l1/8","failure":"Busy","detail":"much to do"}]}""",
            TextOf(message));
        Assert.Equal(
            [new RemoteAnswer(7, new TotalIs(5, false), default, ""), new RemoteAnswer(8, null, AskFailure.Busy, "much to do")],
            _messages.ReadAnswers(message, _ => Assert.Fail()));
    }

    [Fact]
    public void Answer_that_is_not_understood_takes_no_other_with_it()
    {
        var text = TextOf(_messages.WriteAnswers([Total("l1/7"), Total("l1/8")]));
        var changed = new Regex("total-is").Replace(text, "from-tomorrow", 1);
        var errors = new List<Exception>();
        var read = _messages.ReadAnswers(new TransportMessage(ClusterMessages.Answers, Encoding.UTF8.GetBytes(changed)), errors.Add);
        Assert.Equal([8L], read.Select(answer => answer.AskId));
        Assert.Single(errors);
    }

    [Theory]
    [InlineData("l0/7")] // Of the process before this one, which counted from 1 as well.
    [InlineData("l1/x")]
    [InlineData("7")]
    public void Answer_to_somebody_else_is_none(string question) =>
        Assert.Empty(_messages.ReadAnswers(_messages.WriteAnswers([Total(question)]), _ => Assert.Fail()));

    [Fact]
    public void Commits_come_as_they_were_sent()
    {
        var message = _messages.WriteCommits([new(A, 4), new(B, 1)]);
        Assert.Equal("""{"commits":{"t/ledger/a":4,"t/ledger/b":1}}""", TextOf(message));
        Assert.Equal([(A, 4L), (B, 1L)], ClusterMessages.ReadCommits(message).ToArray());
    }

    [Fact]
    public void Nudge_means_nothing() => Assert.Null(_messages.ReadDelivered(new TransportMessage(TransportMessage.NudgeType, ReadOnlyMemory<byte>.Empty)));

    [Fact]
    public void What_is_not_ours_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => _messages.ReadDelivered(new TransportMessage("gossip", "{}"u8.ToArray())));
        Assert.ThrowsAny<JsonException>(() => _messages.ReadDelivered(new TransportMessage(ClusterMessages.Numbered, "{"u8.ToArray())));
        var newer = Encoding.UTF8.GetBytes("""{"to":"t/ledger/a","type":"ledger.put.v9","body":{}}""");
        Assert.Throws<UnknownStoredTypeException>(() => _messages.ReadDelivered(new TransportMessage(ClusterMessages.Question, newer)));
    }

    private static QuestionAnswered Total(string question) => new(question, new TotalIs(5, false), default, "");

    private static string TextOf(TransportMessage message) => Encoding.UTF8.GetString(message.Body.Span);
}
