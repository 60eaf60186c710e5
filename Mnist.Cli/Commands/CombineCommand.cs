using System.CommandLine;
using System.Globalization;
using Mnist.Cli.Evaluate;
using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Cli.Commands;

/// <summary><c>mnist combine</c>: makes a cascade of single networks.</summary>
internal static class CombineCommand
{
    public static Command Create()
    {
        var networks = new Argument<string[]>("networks")
        {
            Description = "Weights files of single networks: first the one that answers every image, then those that are asked where it is not sure.",
            HelpName = "FILE",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--output") { Description = "The weights file to write.", HelpName = "FILE", Required = true };
        var threshold = new Option<double?>("--threshold")
        {
            Description = "Ask all networks where the first one's largest probability is below this: above 0, at most 1.",
            HelpName = "P",
        };
        var temperature = new Option<double?>("--temperature") { Description = "Divide the mean of the logits by this: above 0.", HelpName = "T" };
        var views = new Option<int>("--views")
        {
            Description = "Where all are asked: 5 shows them the image also moved by one pixel to each side, 1 only as it is.",
            HelpName = "1|5",
            DefaultValueFactory = _ => CascadeRule.Shifts.Count,
        };
        var budget = new Option<double>("--max-multiply-adds")
        {
            Description = "What the fitted cascade may cost for one image on average.",
            HelpName = "N",
            DefaultValueFactory = _ => 6_000_000,
        };
        var data = MnistData.FolderOption();
        var force = new Option<bool>("--force") { Description = "Replace the file if it exists." };
        var command = new Command(
            "combine",
            """
            Makes one weights file of several networks: a cascade. The first network answers every image; where it is not sure, all are asked, and
            the mean of their logits, divided by a temperature, is the answer.

            Without --threshold and --temperature both are fitted on the last 10,000 training images of MNIST. That means something only if no network
            was trained on these (mnist train --validation). The values may then be given to networks of the same recipe that were.

            Examples:
              mnist combine small.safetensors large.safetensors --output both.safetensors
              mnist combine small.safetensors large.safetensors --output both.safetensors --threshold 0.98 --temperature 0.8

            Exit code: 0 written, 1 a file cannot be used or written, 2 the data could not be downloaded, 64 wrong usage, 130 interrupted.
            """)
        {
            networks, output, threshold, temperature, views, budget, data, force,
        };
        command.Validators.Add(result =>
        {
            int count = result.GetValue(networks)?.Length ?? 0;
            if (count is < CascadeWeights.MinMembers or > CascadeWeights.MaxMembers)
            {
                result.AddError($"found {count} networks, expected {CascadeWeights.MinMembers} to {CascadeWeights.MaxMembers}.");
            }

            if (result.IsGiven(threshold) != result.IsGiven(temperature))
            {
                result.AddError("--threshold and --temperature belong together.");
            }
            else if (result.IsGiven(threshold) && (result.IsGiven(budget) || result.IsGiven(data)))
            {
                result.AddError("With --threshold and --temperature nothing is fitted: leave --max-multiply-adds and --data out.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var console = parsed.InvocationConfiguration;
            // Without a rule, one that is replaced: the values that are there are checked before anything is read.
            var rule = Rule(parsed.GetValue(threshold) ?? 1, parsed.GetValue(temperature) ?? 1, parsed.GetValue(views));
            string path = parsed.GetRequiredValue(output);
            if (File.Exists(path) && !parsed.GetValue(force))
            {
                throw new CommandException(ExitCode.Refused, $"'{path}' exists; --force replaces it.");
            }

            NetworkWeights[] members = [.. parsed.GetRequiredValue(networks).Select(LoadMember)];
            if (parsed.GetValue(threshold) is null)
            {
                rule = await FitAsync(members, rule.Views, parsed.GetRequiredValue(data), parsed.GetValue(budget), console, cancellationToken);
            }

            string sha256 = Save(new CascadeWeights(members, rule), path);
            console.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"threshold {rule.Threshold}, temperature {rule.Temperature}, {rule.Views} views"));
            console.Output.WriteLine($"wrote {path} (SHA-256 {sha256})");
            return ExitCode.Success;
        });
        return command;
    }

    private static CascadeRule Rule(double threshold, double temperature, int views)
    {
        try
        {
            return new CascadeRule(threshold, temperature, views);
        }
        catch (InvalidDataException exception)
        {
            throw new CommandException(ExitCode.Usage, $"{exception.Message}.");
        }
    }

    private static NetworkWeights LoadMember(string path)
    {
        var network = WeightsOption.Load(path);
        return network.Cascade is null
            ? network.Stages[0]
            : throw new CommandException(ExitCode.Refused, $"{path}: holds a cascade of {network.Stages.Count} networks, expected a single one.");
    }

    /// <summary>Fits the rule on MNIST's validation block and prints what it gives there.</summary>
    private static async Task<CascadeRule> FitAsync(
        NetworkWeights[] members, int views, string folder, double maxMultiplyAdds, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        await MnistData.EnsureAsync(folder, [MnistFile.TrainImages, MnistFile.TrainLabels], console.Error, cancellationToken);
        var digits = MnistFile.LoadValidation(folder);
        float[] first = BatchClassifier.Classify(Network.Create(members[0]), digits).Logits;
        float[] all = await Terminal.WithProgressAsync(console.Error, "classifying", report => Task.Run(
            () => CascadeFit.Mean(members, digits, views, share =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                report(share);
            }), cancellationToken));
        var rule = CascadeFit.Fit(digits.Labels, first, all, members, views, maxMultiplyAdds);

        var network = Network.Create(new CascadeWeights(members, rule));
        var answer = BatchClassifier.Classify(network, digits);
        console.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"MNIST validation block ({digits.Count:N0} digits): {Errors(first)} errors of the first network, {Errors(all)} of all, {Errors(answer.Logits)} of the cascade"));
        console.Output.WriteLine(CascadeCost.Of(network, answer, digits.Count)!.Text);
        return rule;

        int Errors(float[] logits) => EvaluationResult.MostProbable(logits).Index().Count(answer => answer.Item != digits.Labels[answer.Index]);
    }

    private static string Save(CascadeWeights cascade, string path)
    {
        try
        {
            return cascade.Save(path);
        }
        catch (WeightsException exception)
        {
            throw new CommandException(ExitCode.Refused, exception.Message);
        }
    }
}
