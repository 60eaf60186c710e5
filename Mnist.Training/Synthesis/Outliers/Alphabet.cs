namespace Mnist.Training.Synthesis.Outliers;

/// <summary>Outlines of letters and digits, so that training depends on no installed font.</summary>
internal static class Alphabet
{
    /// <summary>Digits, several shapes of each, in the order 0 to 9.</summary>
    public static IReadOnlyList<IReadOnlyList<LetterGlyph>> Digits { get; } =
    [
        Parse("~40 12 05 38 68 85 73 51 40", "~50 31 13 15 38 58 75 73 61 50", "~30 11 05 48 77 82 50 20"),
        Parse("40 48", "22 40 48", "22 40 48|18 78", "31 40 38"),
        Parse("~12 30 60 72 54 08|08 88", "~11 40 71 64 27|~27 16 38 88", "~02 30 70 74 36 08|~08 37 88"),
        Parse("~01 40 72 44 34|~34 74 86 48 07", "00 70 34|~34 74 86 48 07", "~11 40 71 63 34|~34 64 76 58 28 17"),
        Parse("50 06 86|60 68", "10 14 74|60 68", "~10 04 35 74|70 58", "60 05 85|60 68"),
        Parse("70 10 14|~14 53 85 58 17 06", "~80 40 20 14|~14 43 75 57 38 08", "10 14|~14 53 85 58 17 06|10 80"),
        Parse("~70 22 05 38 68 86 64 24 06", "~50 23 16 38 68 76 54 25 16", "~60 14 17 48 77 65 35 16"),
        Parse("00 80 38", "00 80 38|24 74", "~01 40 80|~80 54 38", "10 80 48"),
        Parse("~44 11 30 60 71 44 07 38 68 86 44", "~71 40 11 34 75 77 48 17 15 44 73 71", "~40 21 33 44 66 48 26 44 62 51 40"),
        Parse("~73 44 12 30 60 72|72 68", "~72 43 12 30 60 72 75 58 27", "~71 40 21 23 44 72 71|~71 74 58"),
    ];

    /// <summary>Letters that look like no digit and are used in training.</summary>
    public static IReadOnlyList<LetterGlyph> Letters { get; } = Parse(
        "08 40 88|25 65",                               // A
        "80 00 08 88|04 64",                            // E
        "00 08|80 88|04 84",                            // H
        "00 08|80 04 88",                               // K
        "08 00 45 80 88",                               // M
        "00 08|~00 60 82 64 04",                        // P
        "00 80|40 48",                                  // T
        "00 48 80",                                     // V
        "~74 43 14 06 28 58 76|72 78",                  // a
        "14 84|~84 62 32 04 27 58 87",                  // e
        "00 08|~04 42 74 78",                           // h
        "02 08|~05 22 34 38|~35 62 74 78",              // m
        "02 08|~05 32 72",                              // r
        "~02 06 38 66|72 78");                          // u

    /// <summary>Letters that look like no digit and are held out of training.</summary>
    public static IReadOnlyList<LetterGlyph> OtherLetters { get; } = Parse(
        "~81 50 12 05 17 48 87",                        // C
        "80 00 08|04 64",                               // F
        "80 85|~85 77 48 17 05",                        // J
        "00 08 88",                                     // L
        "08 00 88 80",                                  // N
        "00 08|~00 60 82 64 04|34 88",                  // R
        "00 05|~05 28 58 85|85 80",                     // U
        "00 28 43 68 80",                               // W
        "80 88|~84 52 05 38 86",                        // d
        "~81 50 32 38|03 73",                           // f
        "00 08|63 05 78",                               // k
        "02 08|~04 32 63 78",                           // n
        "~30 36 48 77|13 73",                           // t
        "02 28 43 68 82");                              // w

    /// <summary>Letters that many people write like a digit; the comment names it.</summary>
    public static IReadOnlyList<LetterGlyph> Lookalikes { get; } = Parse(
        "00 08|~00 60 72 54 04|~04 64 86 68 08",        // B, 8
        "00 08|~00 50 83 85 58 08",                     // D, 0
        "~82 50 13 05 28 68 86 85 55",                  // G, 6
        "40 48",                                        // I, 1
        "~40 12 05 38 68 85 73 51 40",                  // O, 0
        "~81 50 12 34 65 77 48 07",                     // S, 5
        "00 40 48|00 44 80",                            // Y, 4
        "00 80 08 88",                                  // Z, 2
        "00 08|~04 52 86 58 07",                        // b, 6
        "~70 30 12 34 64 70|~70 76 58 17",              // g, 9
        "~70 30 12 34 64 70|70 78");                    // q, 9

    private static LetterGlyph[] Parse(params string[] glyphs) => [.. glyphs.Select(LetterGlyph.Parse)];
}
