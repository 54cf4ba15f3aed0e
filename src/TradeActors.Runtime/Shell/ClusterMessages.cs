using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using TradeActors.Abstractions.Stored;
using TradeActors.Abstractions.Transport;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Core;

namespace TradeActors.Runtime.Shell;

/// <summary>A question from another node.</summary>
/// <param name="Node">Where it waits for its answer.</param>
/// <param name="CorrelationId">To be given back with the answer.</param>
internal sealed record RemoteQuestion(EntityId To, object Message, string Node, string CorrelationId);

/// <summary>What a <see cref="RemoteQuestion"/> is answered.</summary>
/// <param name="Reply">Null for a failure.</param>
internal sealed record QuestionAnswered(string CorrelationId, object? Reply, AskFailure Failure, string Detail);

/// <summary>What became of a question to another node.</summary>
/// <param name="Reply">Null for a failure.</param>
internal sealed record RemoteAnswer(long AskId, object? Reply, AskFailure Failure, string Detail);

/// <summary>The form of messages between nodes: JSON of ours around what the stored types say. docs/formats/wire.md describes it.</summary>
/// <param name="life">Differs for every start of the process: an answer to a question of an earlier one is no answer.</param>
internal sealed class ClusterMessages(StoredTypes types, string node, string life)
{
    public const string Question = "question";
    public const string Answers = "answers";
    public const string Numbered = "numbered";
    public const string FanOut = "fan-out";
    public const string Acknowledged = "acknowledged";
    public const string Commits = "commits";

    /// <summary>What an entity sends is sent again until it is acknowledged: in a queue that nobody reads it need not grow old.</summary>
    private static readonly TimeSpan RepeatedLapsesAfter = TimeSpan.FromSeconds(30);

    public TransportMessage WriteQuestion(long askId, EntityId to, object message, TimeSpan lapsesAfter) =>
        Message(Question, json =>
        {
            json.WriteString("to", to.ToString());
            WriteTyped(json, message);
        }) with
        { CorrelationId = Correlation(askId), ReplyTo = node, LapsesAfter = lapsesAfter };

    /// <summary>Answers to questions of one node.</summary>
    public TransportMessage WriteAnswers(IEnumerable<QuestionAnswered> answers) =>
        Message(Answers, json =>
        {
            json.WriteStartArray("answers");
            foreach (var answer in answers)
            {
                json.WriteStartObject();
                json.WriteString("question", answer.CorrelationId);
                if (answer.Reply is { } reply)
                {
                    WriteTyped(json, reply);
                }
                else
                {
                    json.WriteString("failure", answer.Failure.ToString());
                    json.WriteString("detail", answer.Detail);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        });

    public TransportMessage Write(Envelope envelope) =>
        Message(Numbered, json =>
        {
            json.WriteString("from", envelope.From.ToString());
            json.WriteString("to", envelope.To.ToString());
            json.WriteString("lane", envelope.Lane);
            json.WriteNumber("n", envelope.Number);
            json.WriteNumber("previous", envelope.Previous);
            WriteTyped(json, envelope.Message);
        }) with
        { LapsesAfter = RepeatedLapsesAfter };

    public TransportMessage Write(FanOutEnvelope envelope) =>
        Message(FanOut, json =>
        {
            json.WriteString("from", envelope.From.ToString());
            json.WriteNumber("shard", envelope.Shard);
            json.WriteNumber("n", envelope.Number);
            WriteTyped(json, envelope.Message);
            json.WriteStartArray("members");
            foreach (var member in envelope.Members)
            {
                json.WriteStartObject();
                json.WriteString("to", member.To.ToString());
                json.WriteString("lane", member.Lane);
                json.WriteNumber("previous", member.Previous);
                if (member.Terms is { } terms)
                {
                    json.WriteStartObject("terms");
                    WriteTyped(json, terms);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }) with
        { LapsesAfter = RepeatedLapsesAfter };

    public static TransportMessage Write(Acknowledgement acknowledgement) =>
        Message(Acknowledged, json =>
        {
            json.WriteString("receiver", acknowledgement.Receiver.ToString());
            json.WriteString("sender", acknowledgement.Sender.ToString());
            json.WriteString("lane", acknowledgement.Lane);
            json.WriteNumber("n", acknowledgement.Number);
        }) with
        { LapsesAfter = RepeatedLapsesAfter };

    public TransportMessage WriteCommits(IEnumerable<KeyValuePair<EntityId, long>> commits) =>
        Message(Commits, json =>
        {
            json.WriteStartObject("commits");
            foreach (var (id, seq) in commits)
            {
                json.WriteNumber(id.ToString(), seq);
            }

            json.WriteEndObject();
        }) with
        { ReplyTo = node };

    /// <summary>What came by a shard's queue.</summary>
    /// <returns>A <see cref="RemoteQuestion"/>, a <see cref="CoreInput"/> without its tag, or null for a nudge.</returns>
    /// <exception cref="Exception">It is not understood: written by a newer program, or by none of ours.</exception>
    public object? ReadDelivered(TransportMessage message)
    {
        if (message.Type == TransportMessage.NudgeType)
        {
            return null;
        }

        using var document = JsonDocument.Parse(message.Body);
        var root = document.RootElement;
        return message.Type switch
        {
            Question => new RemoteQuestion(Id(root, "to"), ReadTyped(root), message.ReplyTo ?? "", message.CorrelationId ?? ""),
            Numbered => new CoreInput.Delivered(new Envelope(
                Id(root, "from"), Id(root, "to"), Text(root, "lane"), Number(root, "n"), Number(root, "previous"), ReadTyped(root))),
            FanOut => new CoreInput.FanOutDelivered(new FanOutEnvelope(
                Id(root, "from"), (int)Number(root, "shard"), Number(root, "n"), ReadTyped(root),
                [.. root.GetProperty("members").EnumerateArray().Select(ReadMember)])),
            Acknowledged => new CoreInput.Acknowledged(new Acknowledgement(Id(root, "receiver"), Id(root, "sender"), Text(root, "lane"), Number(root, "n"))),
            _ => throw new InvalidDataException($"'{message.Type}' is no message to a shard."),
        };
    }

    /// <summary>Answers to questions of this process; others are left out.</summary>
    /// <param name="notUnderstood">Told of each answer that cannot be read, as for <see cref="ReadDelivered"/>; the others are not the worse for it.</param>
    /// <exception cref="Exception">As for <see cref="ReadDelivered"/>, for the message as a whole.</exception>
    public List<RemoteAnswer> ReadAnswers(TransportMessage message, Action<Exception> notUnderstood)
    {
        using var document = JsonDocument.Parse(message.Body);
        var answers = new List<RemoteAnswer>();
        foreach (var answer in document.RootElement.GetProperty("answers").EnumerateArray())
        {
            try
            {
                if (AskIdOf(Text(answer, "question")) is { } askId)
                {
                    answers.Add(ReadAnswer(askId, answer));
                }
            }
#pragma warning disable CA1031 // Bytes from elsewhere.
            catch (Exception error)
#pragma warning restore CA1031
            {
                notUnderstood(error);
            }
        }

        return answers;
    }

    /// <summary>Our own number of a question; null if it is not of this process.</summary>
    public long? AskIdOf(string? correlationId) =>
        correlationId?.Split('/') is [var ofLife, var number] && ofLife == life && long.TryParse(number, CultureInfo.InvariantCulture, out var askId)
            ? askId
            : null;

    private RemoteAnswer ReadAnswer(long askId, JsonElement answer) => answer.TryGetProperty("failure", out var failure)
        ? new RemoteAnswer(askId, null, Enum.Parse<AskFailure>(failure.GetString()!), Text(answer, "detail"))
        : new RemoteAnswer(askId, ReadTyped(answer), default, "");

    public static ImmutableArray<(EntityId Id, long Seq)> ReadCommits(TransportMessage message)
    {
        using var document = JsonDocument.Parse(message.Body);
        return [.. document.RootElement.GetProperty("commits").EnumerateObject().Select(commit => (EntityId.Parse(commit.Name), commit.Value.GetInt64()))];
    }

    private string Correlation(long askId) => string.Create(CultureInfo.InvariantCulture, $"{life}/{askId}");

    private static TransportMessage Message(string type, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
        json.Flush();
        return new TransportMessage(type, buffer.WrittenMemory);
    }

    private void WriteTyped(Utf8JsonWriter json, object value)
    {
        var (type, body) = types.Encode(value);
        json.WriteString("type", type);
        json.WritePropertyName("body");
        json.WriteRawValue(body, skipInputValidation: true);
    }

    private object ReadTyped(JsonElement parent) => types.Decode(Text(parent, "type"), JsonMarshal.GetRawUtf8Value(parent.GetProperty("body")));

    private FanOutMember ReadMember(JsonElement member) => new(
        Id(member, "to"), Text(member, "lane"), Number(member, "previous"), member.TryGetProperty("terms", out var terms) ? ReadTyped(terms) : null);

    private static EntityId Id(JsonElement parent, string name) => EntityId.Parse(Text(parent, name));

    private static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetString()!;

    private static long Number(JsonElement parent, string name) => parent.GetProperty(name).GetInt64();
}
