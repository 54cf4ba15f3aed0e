using System.Text;

namespace TradeActors.Api.Tests.Telemetry;

/// <summary>One span as it came over the wire.</summary>
/// <param name="Parent">Empty for a root.</param>
internal sealed record WireSpan(string Source, string Name, string Trace, string Id, string Parent, ulong Start, ulong End, IReadOnlyDictionary<string, string> Tags);

/// <summary>As much of the OTLP messages as the tests look at, read from the protobuf wire format. Source: opentelemetry-proto 1.7, read 2026-11.</summary>
internal static class Otlp
{
    /// <summary>ExportTraceServiceRequest: resource_spans 1, scope_spans 2, scope 1 (name 1), spans 2.</summary>
    public static IEnumerable<WireSpan> Spans(ReadOnlyMemory<byte> request) =>
        from resource in Messages(request, 1)
        from scope in Messages(resource, 2)
        let source = Messages(scope, 1).Select(named => Text(named, 1)).Single()
        from span in Messages(scope, 2)
        select new WireSpan(
            source, Text(span, 5), Hex(span, 1), Hex(span, 2), Hex(span, 4), Number(span, 7), Number(span, 8),
            Messages(span, 9).ToDictionary(tag => Text(tag, 1), tag => Messages(tag, 2).Select(value => Text(value, 1)).SingleOrDefault("")));

    /// <summary>The attributes of the resource of any of the three requests: resource 1, attributes 1.</summary>
    public static IEnumerable<(string Key, string Value)> Resource(ReadOnlyMemory<byte> request) =>
        from data in Messages(request, 1)
        from resource in Messages(data, 1)
        from tag in Messages(resource, 1)
        select (Text(tag, 1), Messages(tag, 2).Select(value => Text(value, 1)).Single());

    /// <summary>ExportMetricsServiceRequest: resource_metrics 1, scope_metrics 2, metrics 2 (name 1).</summary>
    public static IEnumerable<string> MetricNames(ReadOnlyMemory<byte> request) =>
        from resource in Messages(request, 1)
        from scope in Messages(resource, 2)
        from metric in Messages(scope, 2)
        select Text(metric, 1);

    /// <summary>ExportLogsServiceRequest: resource_logs 1, scope_logs 2, log_records 2 (body 5).</summary>
    public static IEnumerable<string> LogLines(ReadOnlyMemory<byte> request) =>
        from resource in Messages(request, 1)
        from scope in Messages(resource, 2)
        from record in Messages(scope, 2)
        from body in Messages(record, 5)
        select Text(body, 1);

    private static IEnumerable<ReadOnlyMemory<byte>> Messages(ReadOnlyMemory<byte> message, int field) =>
        Fields(message).Where(read => read.Field == field).Select(read => read.Bytes);

    private static string Text(ReadOnlyMemory<byte> message, int field) =>
        Encoding.UTF8.GetString(Messages(message, field).FirstOrDefault().Span);

    private static string Hex(ReadOnlyMemory<byte> message, int field) => Convert.ToHexStringLower(Messages(message, field).FirstOrDefault().Span);

    private static ulong Number(ReadOnlyMemory<byte> message, int field) =>
        Fields(message).Where(read => read.Field == field).Select(read => read.Number).FirstOrDefault();

    private static List<(int Field, ReadOnlyMemory<byte> Bytes, ulong Number)> Fields(ReadOnlyMemory<byte> message)
    {
        var fields = new List<(int, ReadOnlyMemory<byte>, ulong)>();
        var at = 0;
        while (at < message.Length)
        {
            var tag = Varint(message.Span, ref at);
            switch (tag & 7)
            {
                case 0:
                    fields.Add(((int)(tag >> 3), default, Varint(message.Span, ref at)));
                    break;
                case 1:
                    fields.Add(((int)(tag >> 3), default, BitConverter.ToUInt64(message.Span.Slice(at, 8))));
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message.Span, ref at);
                    fields.Add(((int)(tag >> 3), message.Slice(at, length), 0));
                    at += length;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"No wire type {tag & 7}.");
            }
        }

        return fields;
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
