using System.Collections.Immutable;
using System.Globalization;
using TradeActors.Domain.Instruments;

namespace TradeActors.Api.Common;

/// <summary>Reads the values of a list's filters. What is wrong is noted under the parameter's name, with what is allowed.</summary>
internal static class FilterValues
{
    private const int LongestText = 100;

    private static readonly string[] TimeForms =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    extension(FieldErrors errors)
    {
        /// <summary>Words parted by commas, in the spelling of <paramref name="allowed"/>; empty when none is given.</summary>
        public ImmutableArray<string> Words(string name, string? text, ImmutableArray<string> allowed)
        {
            if (text is null)
            {
                return [];
            }

            var words = text.Split(',', StringSplitOptions.TrimEntries);
            errors.Require(
                words.All(word => allowed.Contains(word, StringComparer.OrdinalIgnoreCase)), name,
                $"Must be one or more of {string.Join(", ", allowed)}, parted by commas.");
            return [.. allowed.Where(word => words.Contains(word, StringComparer.OrdinalIgnoreCase))];
        }

        /// <summary>The values of an enumeration, in its camelCase words; null when none is given.</summary>
        public IReadOnlySet<T>? Values<T>(string name, string? text)
            where T : struct, Enum
        {
            var words = Enum.GetValues<T>().ToDictionary(value => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(value.ToString()));
            var given = errors.Words(name, text, [.. words.Keys]);
            return text is null ? null : given.Select(word => words[word]).ToHashSet();
        }

        /// <summary>A time with its zone, UTC where none is named, or a date for its first moment.</summary>
        public DateTimeOffset? Time(string name, string? text)
        {
            if (text is null)
            {
                return null;
            }

            // A '+' that was not encoded arrives as a space: no form has one elsewhere.
            var isTime = DateTimeOffset.TryParseExact(
                text.Replace(' ', '+'), TimeForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time);
            errors.Require(isTime, name, "Must be a time like 2026-11-20T14:05:00Z or a date like 2026-11-20.");
            return time;
        }

        /// <summary>Both ends of a stretch of time.</summary>
        public (DateTimeOffset? From, DateTimeOffset? To) Stretch(string? from, string? to)
        {
            var (start, end) = (errors.Time("from", from), errors.Time("to", to));
            errors.Require(!(start > end), "to", "Must not be before 'from'.");
            return (start, end);
        }

        /// <summary>The list's time, or the same with a '-' before it for newest first.</summary>
        public bool NewestFirst(string? sort, string member, bool byDefault)
        {
            errors.Require(sort is null || sort == member || sort == $"-{member}", "sort", $"Must be {member} (oldest first) or -{member} (newest first).");
            return sort is null ? byDefault : sort.StartsWith('-');
        }

        /// <summary>A text of the caller's that is compared as it is.</summary>
        public string? Text(string name, string? text)
        {
            errors.Require(text is null or { Length: > 0 and <= LongestText }, name, $"Must have 1 to {LongestText} characters.");
            return text;
        }

        /// <summary>
        /// Any name of an instrument. One without a month (ES, ES1!) means all its contracts, as it does for exits; one with a month means that
        /// contract, expired or not. Null when none is given.
        /// </summary>
        public Func<string, bool>? Symbol(string? text, DateTimeOffset now)
        {
            if (text is null)
            {
                return null;
            }

            if (InstrumentCatalog.FindContract(text.Trim().ToUpperInvariant()) is { } named)
            {
                return symbol => symbol == named.Symbol;
            }

            var resolved = InstrumentCatalog.Resolve(text, now);
            errors.Require(resolved.Succeeded, "symbol", resolved.Error ?? "");
            var (contract, isRoot) = (resolved.Contract, resolved.NamedByRoot);
            return symbol => symbol == contract?.Symbol || (isRoot && InstrumentCatalog.FindContract(symbol)?.Instrument == contract?.Instrument);
        }
    }
}
