// Makes the first Master with what stands behind the # of the link.
const form = document.getElementById("form");
const said = document.getElementById("said");
let asking = false;

form.addEventListener("submit", async (event) => {
	event.preventDefault();
	if (asking) {
		return; // the link does once, and Enter is soon pressed twice
	}
	asking = true;
	said.textContent = ""; // so that the same text is announced again
	const value = (id) => document.getElementById(id).value;
	const body = { link: location.hash.slice(1), address: value("address"), name: value("name"), password: value("password") };
	try {
		const response = await fetch("/api/v1/first-master", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
		const answer = await response.json();
		if (!response.ok) {
			said.textContent = [answer.detail || answer.title, answer.suggestion].filter(Boolean).join(" ");
			return;
		}
		form.hidden = true;
		said.textContent = answer.address + " is the first Master now, and signs in with the password just set.";
	} catch {
		said.textContent = "The server cannot be reached; try again.";
	} finally {
		asking = false;
	}
});
