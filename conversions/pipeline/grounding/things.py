"""Concrete nouns: whoever names an animal, a dish, a trade or a weapon has read it, or made it up.

Words with several everyday senses (table, coach, eye) are left out.
"""

from __future__ import annotations

_THINGS = """
dog cat horse cow pig sheep goat chicken goose eagle owl parrot pigeon shark whale dolphin salmon tuna crab lobster
octopus snake lizard crocodile alligator turtle frog wolf fox lion tiger leopard elephant giraffe zebra monkey ape
gorilla rabbit hare rat squirrel deer kangaroo koala camel bee wasp ant spider mosquito butterfly insect puppy
kitten bread rice pasta noodle pizza burger sandwich cheese butter milk yogurt beef pork bacon ham sausage steak
meat seafood vegetable potato tomato onion carrot garlic lettuce spinach broccoli mushroom corn salad soup fruit
apple banana orange lemon strawberry blueberry grape mango peach cherry pineapple coconut avocado chocolate vanilla
cake cookie biscuit pie dessert coffee tea juice soda wine beer whisky vodka champagne protein cereal skull brain
tooth teeth cheek chin throat neck shoulder arm elbow wrist finger thumb rib liver kidney stomach abdomen thigh leg
knee ankle kitchen bedroom bathroom closet basement attic garage balcony rooftop hallway lobby backyard apartment
mansion cottage cabin hotel motel hostel restaurant cafe pub nightclub supermarket bakery pharmacy library museum
theatre theater cinema gallery church mosque synagogue cathedral monastery cemetery kindergarten nursery classroom
university hospital clinic prison jail courtroom factory warehouse barn stadium gym zoo aquarium airport harbour
harbor tunnel highway motorway castle palace tower skyscraper ocean lake river mountain forest jungle desert swamp
waterfall glacier volcano car truck lorry taxi cab motorcycle motorbike scooter bicycle bike tram subway airplane
aircraft jet helicopter drone yacht ferry submarine canoe rocket doctor surgeon nurse dentist pharmacist
psychologist psychiatrist therapist teacher professor lecturer lawyer barrister solicitor prosecutor detective
soldier sailor pilot firefighter paramedic engineer architect builder carpenter plumber electrician mechanic
fisherman chef baker butcher waiter waitress bartender hairdresser barber tailor designer photographer painter
sculptor musician singer pianist guitarist drummer violinist dancer actor actress comedian novelist poet journalist
editor scientist biologist chemist physicist astronomer mathematician economist historian accountant banker broker
cashier secretary receptionist librarian janitor cleaner gardener priest bishop pastor rabbi imam monk optician
ophthalmologist cosmologist geologist goalkeeper goalie defender midfielder winger striker quarterback pitcher
catcher referee umpire shirt jacket coat dress skirt trousers jeans shorts scarf glove shoe sock bra underwear
umbrella belt chair desk sofa couch bed mattress lamp carpet curtain shelf cupboard fridge oven microwave gun pistol
rifle shotgun knife sword axe hammer grenade missile bomb bullet piano guitar violin trumpet flute saxophone gold
silver bronze copper diamond ruby emerald cancer diabetes asthma pneumonia malaria measles cholera ebola arthritis
epilepsy dementia leukaemia leukemia tumour tumor antibiotic aspirin painkiller antihistamine barbiturate
antidepressant insulin vaccine television tv radio laptop tablet smartphone camera printer keyboard summer autumn
winter earthquake hurricane tornado tsunami flood drought wildfire avalanche landslide blizzard
"""

THINGS = frozenset(_THINGS.split())
